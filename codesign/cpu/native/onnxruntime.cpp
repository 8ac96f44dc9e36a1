// ONNX Runtime through its C API. The wheel brings no header: the API is a table of functions whose order never changes, only grows.
#include "library.hpp"
#include "runtime.hpp"

namespace {

enum Position {
    create_env = 3,
    create_session = 7,
    run = 9,
    create_session_options = 10,
    set_intra_op_threads = 24,
    set_inter_op_threads = 25,
    create_tensor = 49,
    create_cpu_memory_info = 69
};
constexpr uint32_t api_version = 16;
constexpr int warnings_and_worse_off = 3, device_allocator = 0, default_memory = 0, element_float = 1;

struct ApiBase {
    const void* (*get_api)(uint32_t);
    const char* (*version)(void);
};

Task task;
void* const* table;
void *session, *x, *y;

// Every function returns null, or a pointer to what went wrong.
template <typename... Arguments>
void* call(Position position, Arguments... arguments) {
    return reinterpret_cast<void* (*)(Arguments...)>(table[position])(arguments...);
}

void* tensor(void* memory, float* values, int width) {
    const int64_t shape[] = {task.events, width};
    void* made = nullptr;
    const std::size_t bytes = sizeof(float) * std::size_t(task.events) * std::size_t(width);
    CHECK(call(create_tensor, memory, static_cast<void*>(values), bytes, static_cast<const int64_t*>(shape), std::size_t(2), element_float, &made));
    return made;
}

} // namespace

extern "C" void runtime_setup(const Task* given) {
    task = *given;
    const ApiBase* (*get_base)(void);
    find(open_library(task.library), "OrtGetApiBase", get_base);
    table = static_cast<void* const*>(get_base()->get_api(api_version));
    void *environment, *options, *memory;
    CHECK(call(create_env, warnings_and_worse_off, "codesign", &environment));
    CHECK(call(create_session_options, &options));
    CHECK(call(set_intra_op_threads, options, task.threads));
    CHECK(call(set_inter_op_threads, options, 1));
    CHECK(call(create_session, environment, task.model, options, &session));
    CHECK(call(create_cpu_memory_info, device_allocator, default_memory, &memory));
    x = tensor(memory, task.x, task.n_inputs);
    y = tensor(memory, task.y, task.n_outputs);
}

extern "C" void runtime_call(void) {
    void* no_options = nullptr;
    const void* const* inputs = &x;
    CHECK(call(run, session, no_options, task.names, inputs, std::size_t(1), task.names + 1, std::size_t(1), &y));
}

extern "C" void runtime_fetch(void) {}
