"""Objects, references and retained sizes of real programs, against `gc.get_referents` and
`sys.getsizeof` in the program itself.
"""

from __future__ import annotations

import json
import shutil
from array import array
from collections import Counter
from pathlib import Path

import pytest
from end_to_end.oracles import dominated
from end_to_end.recorded import CAPTURE, run_source
from end_to_end.test_snapshots import named

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings
from memscope.capture.snapshots import KIND_BITS, Kind, Seen

pytestmark = pytest.mark.slow

# From these almost everything can be reached.
BEYOND = ("function", "builtin_function_or_method", "module", "method_descriptor", "code")
ORACLE = """
import collections as _collections, gc as _gc, json as _json
def _walk():
    _gc.collect()
    _gc.collect()
    found, left = {id(top): top}, [top]
    while left:
        for of in _gc.get_referents(left.pop()):
            beyond = isinstance(of, type) or type(of).__name__ in BEYOND
            if id(of) not in found and _gc.is_tracked(of) and not beyond:
                found[id(of)] = of
                left.append(of)
    types = _collections.Counter(type(of).__name__ for of in found.values())
    edges = sum(id(to) in found for of in found.values() for to in _gc.get_referents(of))
    return _json.dumps([types, edges])
_told = _walk()
print(_told)
"""
PROGRAMS = {
    "html5lib": """
import html5lib
page = "<table>" + "".join(
    f"<tr id=r{n} class='a b'><td>{n}<p>text {n}<!-- c --><br>" for n in range(300))
top = html5lib.parse(page, treebuilder="dom", namespaceHTMLElements=False)
""",
    "jinja2": """
import jinja2
environment = jinja2.Environment(loader=jinja2.DictLoader({
    f"page{n}": "{% for row in rows %}{{ row.name|upper }} {% if row.x > 3 %}{{ loop.index }}"
    "{% endif %}{% endfor %}" for n in range(30)}))
sessions = {}
for request in range(300):
    rows = [{"name": f"name {n}", "x": n} for n in range(10)]
    text = environment.get_template(f"page{request % 30}").render(rows=rows)
    sessions.setdefault(request % 7, []).append((text, rows))
top = [environment.cache, sessions]
""",
    "data": """
import ast, collections, csv, datetime, decimal, io, inspect, json, sqlite3
records = [json.loads(json.dumps({"id": n, "tags": [str(n)] * 3, "of": {"deep": [n, None]}}))
           for n in range(2000)]
database = sqlite3.connect(":memory:")
database.row_factory = sqlite3.Row
database.execute("create table t(a, b)")
database.executemany("insert into t values (?, ?)", [(n, str(n)) for n in range(500)])
by_day = collections.defaultdict(list)
for n, row in enumerate(database.execute("select * from t").fetchall()):
    by_day[datetime.date(2024, 1, 1 + n % 20)].append((decimal.Decimal(n), dict(row)))
lines = list(csv.DictReader(io.StringIO("a,b\\n" + "1,2\\n" * 500)))
top = [records, by_day, lines, ast.parse(inspect.getsource(ast))]
""",
}


PROGRAMS["flask"] = """
import threading, flask
app = flask.Flask("shop")
app.secret_key = "secret"
carts, seen, lock = {}, [], threading.Lock()
class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price
class Cart:
    __slots__ = ("user", "items", "history")
    def __init__(self, user):
        self.user, self.items, self.history = user, [], {}
PAGE = "{% for item in cart.items %}{{ item.name|upper }} {{ '%.2f' % item.price }}{% endfor %}"
@app.route("/add/<user>/<name>")
def add(user, name):
    with lock:
        cart = carts.setdefault(user, Cart(user))
        cart.items.append(Item(name, len(name) * 1.5))
        cart.history[len(cart.history)] = (name, dict(flask.request.headers))
    flask.session["user"] = user
    return flask.render_template_string(PAGE, cart=cart)
@app.errorhandler(404)
def missing(error):
    seen.append(error)
    return "no", 404
def visit(number):
    client = app.test_client()
    for n in range(60):
        client.get(f"/add/user{number}/thing{n % 7}")
        if n % 20 == 0:
            client.get(f"/nothing/{n}")
threads = [threading.Thread(target=visit, args=(number,)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
del thread, threads
top = [app, carts, seen]
"""


PROGRAMS["django"] = """
import threading, django
from django.conf import settings
settings.configure(
    SECRET_KEY="secret", ROOT_URLCONF="urls", ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    SESSION_ENGINE="django.contrib.sessions.backends.cache", LOGGING_CONFIG=None,
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.middleware.common.CommonMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
django.setup()
import sys, types, logging
logging.getLogger("django.request").disabled = True
from django import forms
from django.db import connection, models
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import Client
from django.urls import get_resolver, path
class Order(models.Model):
    user = models.CharField(max_length=20)
    total = models.DecimalField(max_digits=8, decimal_places=2)
    class Meta:
        app_label = "shop"
with connection.schema_editor() as editor:
    editor.create_model(Order)
Order.objects.bulk_create(Order(user=f"user{n % 9}", total=n) for n in range(300))
orders = {user: list(Order.objects.filter(user=user)) for user in ("user1", "user2", "user3")}
class ItemForm(forms.Form):
    name = forms.CharField(max_length=8)
    price = forms.DecimalField()
carts, refused, lock = {}, [], threading.Lock()
PAGE = Engine().from_string(
    "{% for item in items %}{{ item.name|upper }} {{ item.price }}{% endfor %}")
def add(request, user):
    form = ItemForm(request.GET)
    with lock:
        cart = carts.setdefault(user, [])
        if not form.is_valid():
            refused.append(form)
            return HttpResponse("no", status=400)
        cart.append(form.cleaned_data)
    request.session["items"] = len(cart)
    return HttpResponse(PAGE.render(Context({"items": cart[-5:]})))
sys.modules["urls"] = types.SimpleNamespace(urlpatterns=[path("add/<slug:user>", add)])
def visit(number):
    client = Client()
    for n in range(40):
        name = "x" * 9 if n % 10 == 0 else f"thing{n % 7}"
        client.get(f"/add/user{number}", {"name": name, "price": "1.5"})
    client.get("/nothing")
threads = [threading.Thread(target=visit, args=(number,)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
del thread, threads, editor
top = [carts, refused, orders, get_resolver(), PAGE]
"""


def reached(found: Holdings, top: int) -> tuple[Counter[str], int]:
    snapshot = found.snapshot

    def name(at: int) -> str:
        return found.types[snapshot.type[at]].name.rpartition(".")[2]

    def targets(at: int) -> list[int]:
        places = range(snapshot.starts[at], snapshot.starts[at + 1])
        labels, to = snapshot.labels, snapshot.targets
        mask = (1 << KIND_BITS) - 1
        return [to[place] for place in places if labels[place] & mask != Kind.CELL]

    seen, left = {top}, [top]
    while left:
        for to in targets(left.pop()):
            flags = snapshot.flags[to]
            wanted = flags & Seen.COLLECTED and not flags & Seen.CLASS and name(to) not in BEYOND
            if to not in seen and wanted:
                seen.add(to)
                left.append(to)
    edges = sum(to in seen for at in seen for to in targets(at))
    return Counter(map(name, seen)), edges


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "data":
        pytest.importorskip(name, reason=f"needs {name}")
    return name


def test_objects_and_references_are_those_of_the_collector(tmp_path: Path, program: str) -> None:
    source = f"BEYOND = {BEYOND!r}\n{PROGRAMS[program]}{ORACLE}"
    types, edges = json.loads(run_source(tmp_path, source, "-q", "--snapshot").stdout)
    found = Holdings(Measures(memscope.load(tmp_path / CAPTURE)))
    told, told_edges = reached(found, named(found)["top"])
    assert sum(types.values()) > 500
    assert told == types
    assert told_edges == edges


# The snapshot is asked for right after the oracle: at the end, the program's code is gone, and with
# it what held the texts of its source.
RETAINED = """
import dominated as _dominated, gc as _gc, json as _json, memscope as _memscope
with _memscope.record() as _recording:
    _gc.collect()
    _gc.collect()
    _told = _dominated.dominated(top)
    assert _recording.snapshot()
print(_json.dumps(_told))
"""


class Judged:
    """Of a snapshot what the oracle tells, about the same objects."""

    def __init__(self, found: Holdings, unknown: list[str]) -> None:
        self.found = found
        self.snapshot = found.snapshot
        types = [of.name.rpartition(".")[2] for of in found.types]
        self.names = [types[of] for of in self.snapshot.type]
        self.unknown = {*unknown, *dominated.UNKNOWN}

    def targets(self, at: int) -> list[int]:
        snapshot, mask = self.snapshot, (1 << KIND_BITS) - 1
        places = range(snapshot.starts[at], snapshot.starts[at + 1])
        return [snapshot.targets[p] for p in places if snapshot.labels[p] & mask != Kind.CELL]

    def is_class(self, at: int) -> bool:
        return bool(self.snapshot.flags[at] & Seen.CLASS)

    def is_beyond(self, at: int) -> bool:
        return self.is_class(at) or self.names[at] in dominated.BEYOND

    def has_unknown_size(self, at: int) -> bool:
        if self.names[at] != "dict":
            return self.names[at] in self.unknown
        first, mask = self.snapshot.starts[at], (1 << KIND_BITS) - 1
        is_empty = first == self.snapshot.starts[at + 1]
        return is_empty or self.snapshot.labels[first] & mask == Kind.ATTRIBUTE

    def told(self, top: int) -> tuple[int, Counter[tuple[object, ...]]]:
        """How many objects there are, and what those retain that can be judged."""
        order, places = [top], {top: 0}
        references = []
        for at in order:
            to = [] if self.is_beyond(at) else self.targets(at)
            for target in to:
                if target not in places:
                    places[target] = len(order)
                    order.append(target)
            references.append([places[target] for target in to])
        wanted = [self.is_beyond(at) and not self.is_class(at) for at in order]
        leading = dominated.leading_to(references, wanted)
        graph = self.found.graph
        every = range(graph.count)
        edges = graph.risen(array("q", [len(self.targets(at)) for at in every]))
        unknown = graph.risen(bytes(self.has_unknown_size(at) for at in every))
        return len(order), Counter(
            (
                self.names[at],
                graph.retained_objects[at],
                None if unknown[at] else graph.retained_bytes[at],
                edges[at],
            )
            for at, leads in zip(order, leading, strict=True)
            if not leads and not self.is_beyond(at)
        )


def test_what_each_object_retains(tmp_path: Path, program: str) -> None:
    """Objects, references and bytes of every one, by a simple algorithm: no tolerance."""
    shutil.copy(dominated.__file__, tmp_path)
    ran = run_source(tmp_path, PROGRAMS[program] + RETAINED, "-q")
    oracle = json.loads(ran.stdout)
    found = Holdings(Measures(memscope.load(tmp_path / CAPTURE)))
    objects, told = Judged(found, oracle["unknown"]).told(named(found)["top"])
    wanted = Counter({tuple(key): times for *key, times in oracle["told"]})
    assert objects == oracle["objects"]
    assert told == wanted
    assert sum(times for (_, many, *_), times in wanted.items() if many > 1) > 300
    assert sum(times for (*_, size, _), times in wanted.items() if size is not None) > 300


def test_texts_of_the_source_are_held_by_its_code_until_that_has_run(tmp_path: Path) -> None:
    source = """
import memscope
entries = {"of user 1": []}
with memscope.record() as recording:
    assert recording.snapshot()
"""
    run_source(tmp_path, source, "-q", "--snapshot", "--snapshot-budget", "0%")
    measures = Measures(memscope.load(tmp_path / CAPTURE))
    asked, at_the_end = (Holdings(measures, number) for number in (1, 2))
    assert asked.graph.retained_objects[named(asked)["entries"]] == 2
    assert at_the_end.graph.retained_objects[named(at_the_end)["entries"]] == 3
