#include "ledger/functionnames.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef char *(*demangler)(const char *name, char *buffer, size_t *room, int *status);

/* The C++ runtime's own, found once. */
static demangler
find_demangler(bool may_load)
{
    static demangler found;
    static bool tried;
    if (tried)
        return found;
    tried = true;
    void *runtime = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL | (may_load ? 0 : RTLD_NOLOAD));
    void *function = runtime == NULL ? NULL : dlsym(runtime, "__cxa_demangle");
    memcpy(&found, &function, sizeof found);
    return found;
}

/* Where what follows "operator" ends, if that is what stands here: its signs are no brackets. 0: it is not. */
static size_t
operator_at(const char *at)
{
    static const char word[] = "operator";
    const size_t length = sizeof word - 1;
    if (strncmp(at, word, length) != 0)
        return 0;
    size_t end = length;
    if (strncmp(at + end, "()", 2) == 0 || strncmp(at + end, "[]", 2) == 0)
        return end + 2;
    while (at[end] != '\0' && strchr("<>=-", at[end]) != NULL)
        end++;
    if (at[end] == ' ')
        end++; /* of "operator new": no end of a returned type */
    return end == length ? 0 : end;
}

/* Leaves out parameters, arguments of templates and returned types. The text never grows. */
static void
shorten(char *text)
{
    static const char unnamed[] = "(anonymous namespace)";
    const size_t unnamed_length = sizeof unnamed - 1;
    size_t to = 0, depth = 0;
    for (size_t from = 0; text[from] != '\0';) {
        size_t kept = depth != 0 ? 0 : operator_at(text + from);
        if (depth == 0 && strncmp(text + from, unnamed, unnamed_length) == 0)
            kept = unnamed_length;
        if (kept != 0) {
            memmove(text + to, text + from, kept);
            to += kept;
            from += kept;
            continue;
        }
        char now = text[from++];
        if (depth == 0 && (now == '(' || now == '['))
            break;
        if (depth == 0 && now == ' ')
            to = 0; /* it was a returned type */
        else if (now == '<')
            depth++;
        else if (now == '>')
            depth -= depth != 0;
        else if (depth == 0)
            text[to++] = now;
    }
    while (to > 0 && text[to - 1] == ' ')
        to--;
    text[to] = '\0';
}

/* Rust tells functions of one name apart by a hash. */
static void
without_hash(char *text)
{
    const size_t hash = sizeof "::h0123456789abcdef" - 1;
    size_t length = strlen(text);
    if (length <= hash || strncmp(text + length - hash, "::h", 3) != 0)
        return;
    if (strspn(text + length - hash + 3, "0123456789abcdef") == hash - 3)
        text[length - hash] = '\0';
}

/* Takes over what the runtime made of it. */
static void
demangle(char *name, uint32_t room, bool may_load)
{
    demangler runtime = find_demangler(may_load);
    int status = -1;
    char *text = runtime == NULL ? NULL : runtime(name, NULL, NULL, &status);
    if (text == NULL || status != 0)
        return;
    shorten(text);
    without_hash(text);
    size_t length = strlen(text);
    if (length != 0) {
        length = length < room ? length : room - 1;
        memcpy(name, text, length);
        name[length] = '\0';
    }
    free(text);
}

/* The part of a name that begins here with its length, as "3app_" does: its first letter and the "_". */
static char *
part_end(char *at, char **begin)
{
    size_t digits = strspn(at, "0123456789");
    size_t length = digits == 0 || digits > 4 ? 0 : strtoul(at, NULL, 10);
    *begin = at + digits;
    if (length == 0 || strlen(*begin) <= length || (*begin)[length] != '_')
        return NULL;
    return *begin + length;
}

/* Cython names module, classes and function, each by its length. Where that of a Python function would be is a number:
 * __pyx_pw_3app_3Box_1fill, and without one __pyx_f_3app_fill. */
static bool
from_cython(char *name)
{
    static const char *const kinds[] = {"__pyx_pw_", "__pyx_pf_", "__pyx_gb_", "__pyx_f_"};
    char *at = NULL, *to = name, *begin, *end;
    bool numbered = false;
    for (size_t kind = 0; kind < 4 && at == NULL; kind++)
        if (strncmp(name, kinds[kind], strlen(kinds[kind])) == 0) {
            at = name + strlen(kinds[kind]);
            numbered = kind < 3;
        }
    if (at == NULL)
        return false;
    while ((end = part_end(at, &begin)) != NULL && (!numbered || (end[1] >= '0' && end[1] <= '9'))) {
        memmove(to, begin, (size_t)(end - begin));
        to += end - begin;
        *to++ = '.';
        at = end + 1;
    }
    if (to == name)
        return false;
    at = numbered ? begin : at;
    if (*at == '\0')
        to--; /* no name follows: no point either */
    memmove(to, at, strlen(at) + 1);
    return true;
}

/* mypyc writes three underlines for a point, and a 3 behind those that were in a name: CPyDef_app___Box___fill. */
static void
from_mypyc(char *name)
{
    static const char *const kinds[] = {"CPyDef_", "CPyPy_"};
    const char *from = NULL;
    for (size_t kind = 0; kind < 2 && from == NULL; kind++)
        if (strncmp(name, kinds[kind], strlen(kinds[kind])) == 0)
            from = name + strlen(kinds[kind]);
    if (from == NULL || *from == '\0')
        return;
    char *to = name;
    while (*from != '\0') {
        bool kept = strncmp(from, "___3_", 5) == 0;
        if (!kept && strncmp(from, "___", 3) == 0) {
            *to++ = '.';
            from += 3;
            continue;
        }
        size_t length = kept ? 3 : 1;
        memmove(to, from, length);
        to += length;
        from += kept ? 5 : 1;
    }
    *to = '\0';
}

void
ms_function_name(char *name, uint32_t room, bool may_load)
{
    /* Versions, and parts that the compiler has split off. */
    size_t version = strcspn(name, "@"), part = strcspn(name, ".");
    name[version] = '\0';
    if (part != 0 && part < version)
        name[part] = '\0';
    for (char *letter = name; *letter != '\0'; letter++)
        if (*letter <= ' ' || *letter > '~')
            *letter = '?';
    if (!from_cython(name))
        from_mypyc(name);
    if (strlen(name) >= room)
        name[room - 1] = '\0';
    else if (strncmp(name, "_Z", 2) == 0)
        demangle(name, room, may_load);
}
