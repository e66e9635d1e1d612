"""memscope as tools for coding agents, over the Model Context Protocol.

Each tool runs one subcommand of memscope in a process of its own and gives its JSON, shortened.
"""
