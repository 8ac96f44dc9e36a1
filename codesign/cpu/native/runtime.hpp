// What a runtime gives to the harness, and the harness to a runtime. Each runtime is one source file beside harness.cpp.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

struct Task {
    long events;              // of one call
    int n_inputs, n_outputs, threads;
    float *x, *y;             // (events, n_inputs) and (events, n_outputs), row by row, aligned to 64 bytes
    const char* model;        // file of the network
    const char* library;      // shared library of the runtime, opened at run time
    const char* const* names; // further words, as the runtime needs them
};

extern "C" {
void runtime_setup(const Task* task); // everything that a user does once
void runtime_call(void);              // what is timed: all events once
void runtime_fetch(void);             // brings the outputs to task.y
}

// A runtime's own status: anything but zero ends the process, and its line is what the user reads.
#define CHECK(call)                                                        \
    do {                                                                   \
        if (call) {                                                        \
            std::fprintf(stderr, "error: %s failed\n", #call);             \
            std::exit(3);                                                  \
        }                                                                  \
    } while (0)
