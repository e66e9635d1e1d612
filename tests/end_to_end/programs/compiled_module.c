/* A module that holds what a compiler's modules hold, and makes objects without any frame. */
#include <Python.h>

#ifdef LIKE_CYTHON
static const char *volatile mark = "cython_runtime";
#elif defined(LIKE_MYPYC)
/* Of mypyc's runtime, which is in each library. */
__attribute__((visibility("default"))) void
CPyTagged_FromSsize_t(void)
{
}
#elif defined(LIKE_A_PART_FOR_MYPYC)
/* The code is in another library. */
static const char *volatile mark = "0123456789abcdef__mypyc.init_part";
#endif

#define CONCATENATED(a, b) a##b
#define INIT(name) CONCATENATED(PyInit_, name)
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

static PyObject *
build(PyObject *self, PyObject *count)
{
    (void)self;
    Py_ssize_t items = PyLong_AsSsize_t(count);
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; i < items; i++) {
        PyObject *item = PyUnicode_FromFormat("item number %zd", i);
        PyList_Append(list, item);
        Py_DECREF(item);
    }
    return list;
}

static PyMethodDef functions[] = {{"build", build, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, TEXT(NAME), NULL, -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC
INIT(NAME)(void)
{
#if defined(LIKE_CYTHON) || defined(LIKE_A_PART_FOR_MYPYC)
    if (mark == NULL)
        return NULL;
#endif
    return PyModule_Create(&module);
}
