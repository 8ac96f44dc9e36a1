// The generated C++ header: NETWORK is its namespace, network.hpp the file.
#include "network.hpp"
#include "runtime.hpp"

static Task task;

extern "C" void runtime_setup(const Task* given) { task = *given; }

extern "C" void runtime_call(void) {
    if (task.events == 1)
        NETWORK::predict(task.x, task.y);
    else
        NETWORK::predict(task.x, task.y, std::size_t(task.events));
}

extern "C" void runtime_fetch(void) {}
