// LiteRT and XNNPACK through LiteRT's C API: the compiled model's run, with the tensors already filled. The wheel brings the library and
// no header, so that what is used of it is declared here. Input and output are float32, also where the layers between are int8.
#include "library.hpp"
#include "runtime.hpp"

namespace {

using Handle = void*;
enum Lock { for_reading = 0, for_writing = 1 };
constexpr int on_cpu = 1, float32 = 1;

struct Layout {
    unsigned int rank : 7;
    unsigned int has_strides : 1;
    int32_t dimensions[8];
    uint32_t strides[8];
};

struct TensorType {
    int element;
    Layout layout;
};

Task task;
Handle environment, compiled, input, output;
int (*run)(Handle, std::size_t, std::size_t, Handle*, std::size_t, Handle*);
int (*lock)(Handle, void**, int);
int (*unlock)(Handle);

Handle compile(void* library) {
    int (*create_environment)(int, const void*, Handle*);
    int (*create_model)(Handle, const char*, Handle*);
    int (*create_options)(Handle*);
    int (*set_hardware)(Handle, int);
    int (*create_compiled)(Handle, Handle, Handle, Handle*);
    int (*resize)(Handle, std::size_t, std::size_t, const int*, std::size_t);
    int (*output_layouts)(Handle, std::size_t, std::size_t, Layout*, bool);
    find(library, "LiteRtCreateEnvironment", create_environment);
    find(library, "LiteRtCreateModelFromFile", create_model);
    find(library, "LiteRtCreateOptions", create_options);
    find(library, "LiteRtSetOptionsHardwareAccelerators", set_hardware);
    find(library, "LiteRtCreateCompiledModel", create_compiled);
    find(library, "LiteRtCompiledModelResizeInputTensorNonStrict", resize);
    find(library, "LiteRtGetCompiledModelOutputTensorLayouts", output_layouts);
    Handle model, options, made;
    CHECK(create_environment(0, nullptr, &environment));
    CHECK(create_model(environment, task.model, &model));
    CHECK(create_options(&options));
    CHECK(set_hardware(options, on_cpu));
    CHECK(create_compiled(environment, model, options, &made));
    const int shape[] = {int(task.events), task.n_inputs};
    Layout layout;
    CHECK(resize(made, 0, 0, shape, 2));
    CHECK(output_layouts(made, 0, 1, &layout, true)); // the outputs follow the inputs' size only when asked to
    return made;
}

Handle make_buffer(void* library, const char* requirements_of, int width) {
    int (*get_requirements)(Handle, std::size_t, std::size_t, Handle*);
    int (*create_buffer)(Handle, const TensorType*, Handle, Handle*);
    find(library, requirements_of, get_requirements);
    find(library, "LiteRtCreateManagedTensorBufferFromRequirements", create_buffer);
    TensorType type{};
    type.element = float32;
    type.layout.rank = 2;
    type.layout.dimensions[0] = int32_t(task.events);
    type.layout.dimensions[1] = width;
    Handle requirements, buffer;
    CHECK(get_requirements(compiled, 0, 0, &requirements));
    CHECK(create_buffer(environment, &type, requirements, &buffer));
    return buffer;
}

std::size_t bytes(int width) { return sizeof(float) * std::size_t(task.events) * std::size_t(width); }

} // namespace

extern "C" void runtime_setup(const Task* given) {
    task = *given;
    void* library = open_library(task.library);
    find(library, "LiteRtRunCompiledModel", run);
    find(library, "LiteRtLockTensorBuffer", lock);
    find(library, "LiteRtUnlockTensorBuffer", unlock);
    compiled = compile(library);
    input = make_buffer(library, "LiteRtGetCompiledModelInputBufferRequirements", task.n_inputs);
    output = make_buffer(library, "LiteRtGetCompiledModelOutputBufferRequirements", task.n_outputs);
    void* memory;
    CHECK(lock(input, &memory, for_writing));
    std::memcpy(memory, task.x, bytes(task.n_inputs));
    CHECK(unlock(input));
}

extern "C" void runtime_call(void) { CHECK(run(compiled, 0, 1, &input, 1, &output)); }

extern "C" void runtime_fetch(void) {
    void* memory;
    CHECK(lock(output, &memory, for_reading));
    std::memcpy(task.y, memory, bytes(task.n_outputs));
    CHECK(unlock(output));
}
