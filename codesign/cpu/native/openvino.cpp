// OpenVINO through its C API, on tensors of fixed shape in the caller's memory.
#include <openvino/c/openvino.h>

#include "library.hpp"
#include "runtime.hpp"

static Task task;
static ov_infer_request_t* request;
static void* library;
static decltype(&ov_infer_request_infer) infer;

#define FIND(name)                    \
    decltype(&::name) name = nullptr; \
    find(library, #name, name)

static ov_tensor_t* tensor(float* values, int width) {
    FIND(ov_shape_create);
    FIND(ov_tensor_create_from_host_ptr);
    const int64_t dimensions[] = {task.events, width};
    ov_shape_t shape;
    ov_tensor_t* made;
    CHECK(ov_shape_create(2, dimensions, &shape));
    CHECK(ov_tensor_create_from_host_ptr(F32, shape, values, &made));
    return made;
}

static ov_model_t* fixed_model(ov_core_t* core) {
    FIND(ov_core_read_model);
    FIND(ov_partial_shape_create_static);
    FIND(ov_model_reshape_single_input);
    const int64_t dimensions[] = {task.events, task.n_inputs};
    ov_partial_shape_t shape;
    ov_model_t* model;
    CHECK(ov_core_read_model(core, task.model, nullptr, &model));
    CHECK(ov_partial_shape_create_static(2, dimensions, &shape));
    CHECK(ov_model_reshape_single_input(model, shape));
    return model;
}

extern "C" void runtime_setup(const Task* given) {
    task = *given;
    library = open_library(task.library);
    FIND(ov_core_create);
    FIND(ov_core_compile_model);
    FIND(ov_compiled_model_create_infer_request);
    FIND(ov_infer_request_set_input_tensor);
    FIND(ov_infer_request_set_output_tensor);
    find(library, "ov_infer_request_infer", infer);
    char threads[16];
    std::snprintf(threads, sizeof threads, "%d", task.threads);
    ov_core_t* core;
    ov_compiled_model_t* compiled;
    CHECK(ov_core_create(&core));
    CHECK(ov_core_compile_model(core, fixed_model(core), "CPU", 8, &compiled, "INFERENCE_NUM_THREADS", threads, "NUM_STREAMS", "1",
                                "PERFORMANCE_HINT", "LATENCY", "INFERENCE_PRECISION_HINT", "f32"));
    CHECK(ov_compiled_model_create_infer_request(compiled, &request));
    CHECK(ov_infer_request_set_input_tensor(request, tensor(task.x, task.n_inputs)));
    CHECK(ov_infer_request_set_output_tensor(request, tensor(task.y, task.n_outputs)));
}

extern "C" void runtime_call(void) { CHECK(infer(request)); }

extern "C" void runtime_fetch(void) {}
