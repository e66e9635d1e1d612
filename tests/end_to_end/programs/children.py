"""Programs that this one starts: what they inherit."""

import os
import subprocess
import sys

ASK = (
    "import os, sys; print(sorted(os.environ), sorted(os.listdir('/proc/self/fd')),"
    " [m for m in sys.modules if 'memscope' in m])"
)

print(
    subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout
)
print(subprocess.run([sys.executable, "-c", ASK], stdout=subprocess.PIPE, close_fds=False).stdout)
print(subprocess.run("exit 9", shell=True).returncode, os.system("exit 3") >> 8)
sys.stdout.flush()
if len(sys.argv) > 1:
    os.execv(sys.executable, [sys.executable, "-c", ASK + "; sys.exit(4)"])
