// The generated integers of a fixed-point network: NETWORK is the namespace, network.hpp the file. Events are there as codes.
#include "network.hpp"
#include "runtime.hpp"

#include <vector>

static Task task;
static std::vector<NETWORK::input_t> events;
static std::vector<NETWORK::output_t> results;

extern "C" void runtime_setup(const Task* given) {
    task = *given;
    const std::size_t n = std::size_t(task.events);
    events.resize(n * NETWORK::n_inputs);
    results.resize(n * NETWORK::n_outputs);
    for (std::size_t e = 0; e < n; ++e) NETWORK::encode(task.x + e * NETWORK::n_inputs, &events[e * NETWORK::n_inputs]);
}

extern "C" void runtime_call(void) {
    if (task.events == 1)
        NETWORK::emulate(events.data(), results.data());
    else
        NETWORK::emulate(events.data(), results.data(), std::size_t(task.events));
}

extern "C" void runtime_fetch(void) {
    for (long e = 0; e < task.events; ++e) NETWORK::decode(&results[std::size_t(e) * NETWORK::n_outputs], task.y + e * NETWORK::n_outputs);
}
