// Functions of a shared library, by name.
#pragma once

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

inline void* open_library(const char* path) {
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        std::fprintf(stderr, "error: %s\n", dlerror());
        std::exit(3);
    }
    return library;
}

template <typename Function>
void find(void* library, const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(dlsym(library, name));
    if (!function) {
        std::fprintf(stderr, "error: no function %s in this version of the library\n", name);
        std::exit(3);
    }
}
