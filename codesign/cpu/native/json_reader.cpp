// The generic C++ reader of the JSON file.
#include "codesign_reader.hpp"

#include <exception>
#include <optional>

#include "runtime.hpp"

static Task task;
static std::optional<codesign::JsonNetwork> network;

extern "C" void runtime_setup(const Task* given) {
    task = *given;
    try {
        network.emplace(codesign::JsonNetwork::from_file(task.model));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        std::exit(3);
    }
}

extern "C" void runtime_call(void) {
    if (task.events == 1)
        network->predict(task.x, task.y);
    else
        network->predict(task.x, std::size_t(task.events), task.y);
}

extern "C" void runtime_fetch(void) {}
