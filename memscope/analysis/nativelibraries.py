"""Libraries that are known to call malloc themselves, by the files that a process has mapped."""

from __future__ import annotations

from collections.abc import Iterable

from memscope.capture.model import Mappings

# Packages by the directory that their files lie in; arrays of numpy are tracked from 2.5 on only.
_PACKAGES = (
    "numpy", "scipy", "pandas", "pyarrow", "polars", "_polars_runtime_32", "torch", "tensorflow",
    "jaxlib", "sklearn", "xgboost", "lightgbm", "cv2", "PIL", "lxml", "h5py", "netCDF4", "rasterio",
    "pyproj", "shapely", "osgeo", "duckdb", "onnxruntime", "llama_cpp", "tokenizers", "spacy",
    "grpc", "psycopg2", "psycopg_binary", "asyncpg", "pymongo", "cryptography", "pydantic_core",
    "orjson", "msgpack", "matplotlib", "contourpy", "pymupdf", "selectolax", "regex", "zstandard",
)  # fmt: skip
_PACKAGE_NAMES = {"_polars_runtime_32": "polars", "sklearn": "scikit-learn", "PIL": "pillow"}
# Libraries by how their file's name begins, wherever it lies. OpenSSL is not among them: hashlib
# loads it into nearly every program, and it holds little.
_FILES = {
    "libarrow": "libarrow", "libtorch": "libtorch", "libopenblas": "libopenblas",
    "libscipy_openblas": "libopenblas", "libmkl_": "MKL", "libxml2": "libxml2",
    "libsqlite3": "SQLite", "libgdal": "GDAL", "libhdf5": "HDF5", "libopencv_": "OpenCV",
    "libcuda": "CUDA", "libjvm": "the JVM", "libduckdb": "DuckDB", "librdkafka": "librdkafka",
    "libvips": "libvips", "libQt": "Qt",
}  # fmt: skip


def likely_allocators(libraries: Iterable[Mappings]) -> list[str]:
    """What of these is known to allocate by malloc, each once; whose files are largest comes first.

    The name of a part is what follows "site-packages/" in the library's path, or else its file's.
    """
    mapped_bytes: dict[str, int] = {}
    for part in libraries:
        if known := _known(part.name):
            mapped_bytes[known] = mapped_bytes.get(known, 0) + part.mapped_bytes
    return sorted(mapped_bytes, key=lambda known: -mapped_bytes[known])


def _known(name: str) -> str:
    package, _, rest = name.partition("/")
    package = package.removesuffix(".libs")
    if rest and package in _PACKAGES:
        return _PACKAGE_NAMES.get(package, package)
    file = name.rpartition("/")[2]
    return next((known for start, known in _FILES.items() if file.startswith(start)), "")
