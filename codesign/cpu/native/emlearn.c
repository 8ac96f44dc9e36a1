/* The C that emlearn generates, network.h; it has no interface for batches, so that they are a loop over events. */
#include <stdio.h>
#include <stdlib.h>

#include "network.h"

struct Task {
    long events;
    int n_inputs, n_outputs, threads;
    float *x, *y;
    const char *model, *library;
    const char* const* names;
};

static struct Task task;

void runtime_setup(const struct Task* given) { task = *given; }

void runtime_call(void) {
    for (long event = 0; event < task.events; ++event)
        if (eml_net_regress(&network, task.x + event * task.n_inputs, task.n_inputs, task.y + event * task.n_outputs, task.n_outputs)) {
            fprintf(stderr, "error: eml_net_regress failed\n");
            exit(3);
        }
}

void runtime_fetch(void) {}
