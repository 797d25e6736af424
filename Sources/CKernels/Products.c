// The one place that knows oneDNN's C API, which differs between versions 2 and 3 for matmul.
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

// Debian's oneDNN threads with OpenMP, whose setting is the calling thread's own. Looked up at run
// time because a oneDNN built on another runtime has none.
static void use_one_thread(void) {
    static void (*set)(int) = NULL;
    static int looked = 0;
    if (!__atomic_load_n(&looked, __ATOMIC_ACQUIRE)) {
        void (*found)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
        __atomic_store_n(&set, found, __ATOMIC_RELAXED);
        __atomic_store_n(&looked, 1, __ATOMIC_RELEASE);
    }
    if (set) set(1);
}

void warrant_onednn_version(int *major, int *minor, int *patch) {
    const dnnl_version_t *version = dnnl_version();
    *major = version->major;
    *minor = version->minor;
    *patch = version->patch;
}

int warrant_onednn_instruction_set(void) { return (int)dnnl_get_effective_cpu_isa(); }

int warrant_product(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a,
                    size_t stride_a, const float *b, size_t stride_b, float beta, float *c,
                    size_t stride_c) {
    use_one_thread();
    return (int)dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', (dnnl_dim_t)m,
                           (dnnl_dim_t)n, (dnnl_dim_t)k, 1.0f, a, (dnnl_dim_t)stride_a, b,
                           (dnnl_dim_t)stride_b, beta, c, (dnnl_dim_t)stride_c);
}

// MARK: Linear layers

typedef struct {
    size_t rows, inputs, outputs;
    int has_bias;
    int row_invariant;
    dnnl_primitive_t primitive;  // NULL: the slot is free
    dnnl_memory_t x, w, bias, y, scratch;
    size_t scratch_size;
} linear_slot;

enum { slot_count = 1024 };

struct warrant_products {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    linear_slot slots[slot_count];
    size_t used;
    void *scratch;
    size_t scratch_capacity;
};

static void slot_clear(linear_slot *slot) {
    if (slot->primitive) dnnl_primitive_destroy(slot->primitive);
    if (slot->x) dnnl_memory_destroy(slot->x);
    if (slot->w) dnnl_memory_destroy(slot->w);
    if (slot->bias) dnnl_memory_destroy(slot->bias);
    if (slot->y) dnnl_memory_destroy(slot->y);
    if (slot->scratch) dnnl_memory_destroy(slot->scratch);
    memset(slot, 0, sizeof *slot);
}

warrant_products *warrant_products_create(void) {
    use_one_thread();
    warrant_products *products = calloc(1, sizeof *products);
    if (!products) return NULL;
    if (dnnl_engine_create(&products->engine, dnnl_cpu, 0) != dnnl_success ||
        dnnl_stream_create(&products->stream, products->engine, dnnl_stream_default_flags) !=
            dnnl_success) {
        warrant_products_destroy(products);
        return NULL;
    }
    return products;
}

void warrant_products_destroy(warrant_products *products) {
    if (!products) return;
    for (size_t i = 0; i < slot_count; i++) slot_clear(&products->slots[i]);
    if (products->stream) dnnl_stream_destroy(products->stream);
    if (products->engine) dnnl_engine_destroy(products->engine);
    free(products->scratch);
    free(products);
}

// Scratch memory is the caller's, so that a primitive may be made on one thread and run on another.
static dnnl_status_t slot_fill(warrant_products *products, linear_slot *slot, size_t rows,
                               size_t inputs, size_t outputs, int has_bias) {
    const dnnl_dim_t x_size[2] = {(dnnl_dim_t)rows, (dnnl_dim_t)inputs};
    const dnnl_dim_t x_strides[2] = {(dnnl_dim_t)inputs, 1};
    const dnnl_dim_t w_size[2] = {(dnnl_dim_t)inputs, (dnnl_dim_t)outputs};
    const dnnl_dim_t w_strides[2] = {1, (dnnl_dim_t)inputs};  // stored [outputs, inputs]
    const dnnl_dim_t b_size[2] = {1, (dnnl_dim_t)outputs};
    const dnnl_dim_t b_strides[2] = {(dnnl_dim_t)outputs, 1};
    const dnnl_dim_t y_size[2] = {(dnnl_dim_t)rows, (dnnl_dim_t)outputs};
    const dnnl_dim_t y_strides[2] = {(dnnl_dim_t)outputs, 1};
    dnnl_status_t status = dnnl_success;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t description = NULL;
#define STEP(call) \
    if (status == dnnl_success) status = (call)
    STEP(dnnl_primitive_attr_create(&attributes));
    STEP(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_t x = NULL, w = NULL, b = NULL, y = NULL;
    STEP(dnnl_memory_desc_create_with_strides(&x, 2, x_size, dnnl_f32, x_strides));
    STEP(dnnl_memory_desc_create_with_strides(&w, 2, w_size, dnnl_f32, w_strides));
    STEP(dnnl_memory_desc_create_with_strides(&b, 2, b_size, dnnl_f32, b_strides));
    STEP(dnnl_memory_desc_create_with_strides(&y, 2, y_size, dnnl_f32, y_strides));
    STEP(dnnl_matmul_primitive_desc_create(&description, products->engine, x, w,
                                           has_bias ? b : NULL, y, attributes));
    const_dnnl_memory_desc_t scratch = NULL;
    if (status == dnnl_success) {
        scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
        slot->scratch_size = dnnl_memory_desc_get_size(scratch);
    }
    STEP(dnnl_memory_create(&slot->x, x, products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->w, w, products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->bias, b, products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->y, y, products->engine, DNNL_MEMORY_NONE));
#else
    dnnl_memory_desc_t x, w, b, y;
    dnnl_matmul_desc_t operation;
    STEP(dnnl_memory_desc_init_by_strides(&x, 2, x_size, dnnl_f32, x_strides));
    STEP(dnnl_memory_desc_init_by_strides(&w, 2, w_size, dnnl_f32, w_strides));
    STEP(dnnl_memory_desc_init_by_strides(&b, 2, b_size, dnnl_f32, b_strides));
    STEP(dnnl_memory_desc_init_by_strides(&y, 2, y_size, dnnl_f32, y_strides));
    STEP(dnnl_matmul_desc_init(&operation, &x, &w, has_bias ? &b : NULL, &y));
    STEP(dnnl_primitive_desc_create(&description, &operation, attributes, products->engine, NULL));
    const dnnl_memory_desc_t *scratch = NULL;
    if (status == dnnl_success) {
        scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
        slot->scratch_size = dnnl_memory_desc_get_size(scratch);
    }
    STEP(dnnl_memory_create(&slot->x, &x, products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->w, &w, products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->bias, &b, products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->y, &y, products->engine, DNNL_MEMORY_NONE));
#endif
    // oneDNN's brgemm gives a row the same bits whatever the rows beside it; its other kernels for
    // float32 choose by the number of rows (seen with 2.6 on AVX2).
    const char *implementation = NULL;
    STEP(dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &implementation));
    const int row_invariant = implementation && !strncmp(implementation, "brg", 3);
    STEP(dnnl_memory_create(&slot->scratch, scratch, products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_primitive_create(&slot->primitive, description));
#undef STEP
    if (description) dnnl_primitive_desc_destroy(description);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
#if DNNL_VERSION_MAJOR >= 3
    if (x) dnnl_memory_desc_destroy(x);
    if (w) dnnl_memory_desc_destroy(w);
    if (b) dnnl_memory_desc_destroy(b);
    if (y) dnnl_memory_desc_destroy(y);
#endif
    if (status != dnnl_success) {
        slot_clear(slot);
        return status;
    }
    slot->rows = rows;
    slot->inputs = inputs;
    slot->outputs = outputs;
    slot->has_bias = has_bias;
    slot->row_invariant = row_invariant;
    return dnnl_success;
}

// Open addressing; when three quarters are taken, all are dropped and made anew on demand.
static linear_slot *slot_find(warrant_products *products, size_t rows, size_t inputs,
                              size_t outputs, int has_bias, dnnl_status_t *status) {
    size_t hash = rows * 0x9E3779B97F4A7C15ull;
    hash = (hash ^ inputs) * 0xBF58476D1CE4E5B9ull;
    hash = (hash ^ outputs ^ ((size_t)has_bias << 40)) * 0x94D049BB133111EBull;
    size_t index = (hash >> 32) % slot_count;
    while (products->slots[index].primitive) {
        linear_slot *slot = &products->slots[index];
        if (slot->rows == rows && slot->inputs == inputs && slot->outputs == outputs &&
            slot->has_bias == has_bias)
            return slot;
        index = (index + 1) % slot_count;
    }
    if (products->used >= slot_count / 4 * 3) {
        for (size_t i = 0; i < slot_count; i++) slot_clear(&products->slots[i]);
        products->used = 0;
    }
    linear_slot *slot = &products->slots[index];
    *status = slot_fill(products, slot, rows, inputs, outputs, has_bias);
    if (*status != dnnl_success) return NULL;
    products->used++;
    return slot;
}

int warrant_linear_is_row_invariant(warrant_products *products, size_t rows, size_t inputs,
                                    size_t outputs, int has_bias) {
    use_one_thread();
    dnnl_status_t status = dnnl_success;
    linear_slot *slot = slot_find(products, rows, inputs, outputs, has_bias, &status);
    return slot && slot->row_invariant;
}

int warrant_linear(warrant_products *products, size_t rows, size_t inputs, size_t outputs,
                   const float *x, const float *w, const float *bias, float *y) {
    use_one_thread();
    dnnl_status_t status = dnnl_success;
    linear_slot *slot = slot_find(products, rows, inputs, outputs, bias != NULL, &status);
    if (!slot) return (int)status;
    if (slot->scratch_size > products->scratch_capacity) {
        free(products->scratch);
        products->scratch_capacity = 0;
        const size_t rounded = (slot->scratch_size + 4095) / 4096 * 4096;
        products->scratch = aligned_alloc(4096, rounded);
        if (!products->scratch) return (int)dnnl_out_of_memory;
        products->scratch_capacity = rounded;
    }
    dnnl_memory_set_data_handle(slot->x, (void *)x);
    dnnl_memory_set_data_handle(slot->w, (void *)w);
    dnnl_memory_set_data_handle(slot->y, y);
    dnnl_memory_set_data_handle(slot->scratch, products->scratch);
    dnnl_exec_arg_t arguments[5] = {{DNNL_ARG_SRC, slot->x},
                                    {DNNL_ARG_WEIGHTS, slot->w},
                                    {DNNL_ARG_DST, slot->y},
                                    {DNNL_ARG_SCRATCHPAD, slot->scratch},
                                    {DNNL_ARG_BIAS, slot->bias}};
    if (bias) dnnl_memory_set_data_handle(slot->bias, (void *)bias);
    status = dnnl_primitive_execute(slot->primitive, products->stream, bias ? 5 : 4, arguments);
    if (status == dnnl_success) status = dnnl_stream_wait(products->stream);
    return (int)status;
}
