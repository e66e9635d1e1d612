"""Dictionaries that functions of a library make and keep: their shape is not the program's."""

from http.cookiejar import Cookie, CookieJar
from http.cookies import SimpleCookie

names = SimpleCookie()
for number in range(20_000):
    names[f"visitor{number}"] = "seen"

jar = CookieJar()
for number in range(20_000):
    host = f"h{number}.example"
    cookie = Cookie(
        0, "n", "v", None, False, host, True, False, "/", True, False, None, True, None, None, {}
    )
    jar.set_cookie(cookie)
print(len(names), len(jar))
