// The one place that knows oneDNN's C API, which differs between versions 2 and 3 for matmul.
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

_Static_assert(dnnl_out_of_memory == WARRANT_OUT_OF_MEMORY, "callers know this status");

// What ONEDNN_VERBOSE, ONEDNN_JIT_DUMP, ONEDNN_JIT_PROFILE and their DNNL_ forms ask for would put
// lines between the data on standard output and files into the working folder, and
// ONEDNN_DEFAULT_FPMATH_MODE would change the logits that a certificate names. oneDNN reads them when
// it needs them first, unless they have been set.
static void ignore_variables(void) {
    dnnl_set_verbose(0);
    dnnl_set_jit_dump(0);
    dnnl_set_jit_profiling_flags(DNNL_JIT_PROFILE_NONE);
#if DNNL_VERSION_MAJOR > 2 || DNNL_VERSION_MINOR >= 5
    dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict);
#endif
}

// Called before anything else of oneDNN is. Debian's threads with OpenMP, whose setting is the calling
// thread's own; looked up at run time because a oneDNN built on another runtime has none.
static void use_one_thread(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, ignore_variables);
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

int warrant_onednn_instruction_set(void) {
    use_one_thread();
    return (int)dnnl_get_effective_cpu_isa();
}

int warrant_has_bf16(void) {
    use_one_thread();
    // A set of instructions has the bits of all that it contains.
    const unsigned wanted = dnnl_cpu_isa_avx512_core_bf16;
    return ((unsigned)dnnl_get_effective_cpu_isa() & wanted) == wanted;
}

int warrant_product(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a,
                    size_t stride_a, const float *b, size_t stride_b, float beta, float *c,
                    size_t stride_c) {
    use_one_thread();
    return (int)dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', (dnnl_dim_t)m,
                           (dnnl_dim_t)n, (dnnl_dim_t)k, 1.0f, a, (dnnl_dim_t)stride_a, b,
                           (dnnl_dim_t)stride_b, beta, c, (dnnl_dim_t)stride_c);
}

// MARK: Products through primitives

typedef struct {
    warrant_matmul shape;
    int row_invariant;
    dnnl_primitive_t primitive;  // NULL: the slot is free
    dnnl_memory_t a, b, bias, c, scratch;
    size_t scratch_size;
} matmul_slot;

enum { slot_count = 4096 };

struct warrant_products {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    matmul_slot slots[slot_count];
    size_t used;
    void *scratch;
    size_t scratch_capacity;
};

static void slot_clear(matmul_slot *slot) {
    if (slot->primitive) dnnl_primitive_destroy(slot->primitive);
    if (slot->a) dnnl_memory_destroy(slot->a);
    if (slot->b) dnnl_memory_destroy(slot->b);
    if (slot->bias) dnnl_memory_destroy(slot->bias);
    if (slot->c) dnnl_memory_destroy(slot->c);
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

// Versions 2 and 3 differ in who owns a memory description, and in how a product is described.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t description;
#define DESCRIBED(d) (d)
#define RELEASE(d) \
    if (d) dnnl_memory_desc_destroy(d)
#define NO_DESCRIPTION NULL
#else
typedef dnnl_memory_desc_t description;
#define DESCRIBED(d) (&(d))
#define RELEASE(d) (void)0
#define NO_DESCRIPTION \
    { 0 }
#endif

static dnnl_status_t describe(description *d, int rank, const dnnl_dim_t *size,
                              dnnl_data_type_t type, const dnnl_dim_t *strides) {
#if DNNL_VERSION_MAJOR >= 3
    return strides ? dnnl_memory_desc_create_with_strides(d, rank, size, type, strides)
                   : dnnl_memory_desc_create_with_tag(d, rank, size, type, dnnl_format_tag_any);
#else
    return strides ? dnnl_memory_desc_init_by_strides(d, rank, size, type, strides)
                   : dnnl_memory_desc_init_by_tag(d, rank, size, type, dnnl_format_tag_any);
#endif
}

static dnnl_status_t describe_product(dnnl_primitive_desc_t *product, dnnl_engine_t engine,
                                      description *a, description *b, description *bias,
                                      description *c, int accumulates) {
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t afterwards = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    // Scratch memory is the caller's, so that a primitive may be made on one thread and run on
    // another.
    if (status == dnnl_success)
        status =
            dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (accumulates) {
        if (status == dnnl_success) status = dnnl_post_ops_create(&afterwards);
#if DNNL_VERSION_MAJOR >= 3
        if (status == dnnl_success)
            status = dnnl_post_ops_append_sum(afterwards, 1.0f, 0, dnnl_data_type_undef);
#else
        if (status == dnnl_success) status = dnnl_post_ops_append_sum(afterwards, 1.0f);
#endif
        if (status == dnnl_success)
            status = dnnl_primitive_attr_set_post_ops(attributes, afterwards);
    }
#if DNNL_VERSION_MAJOR >= 3
    if (status == dnnl_success)
        status = dnnl_matmul_primitive_desc_create(product, engine, *a, *b, bias ? *bias : NULL,
                                                   *c, attributes);
#else
    dnnl_matmul_desc_t operation;
    if (status == dnnl_success) status = dnnl_matmul_desc_init(&operation, a, b, bias, c);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(product, &operation, attributes, engine, NULL);
#endif
    if (afterwards) dnnl_post_ops_destroy(afterwards);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    return status;
}

static dnnl_data_type_t data_type(warrant_type type) {
    return type == WARRANT_BF16 ? dnnl_bf16 : dnnl_f32;
}

// How packed weights lie, as oneDNN likes them best for products of many rows. The same for every
// number of rows (seen with 2.6), and where it is not, the product with it is refused below.
static dnnl_status_t describe_packed(warrant_products *products, size_t k, size_t n,
                                     warrant_type type, description *packed) {
    const dnnl_dim_t a_size[2] = {512, (dnnl_dim_t)k}, b_size[2] = {(dnnl_dim_t)k, (dnnl_dim_t)n};
    const dnnl_dim_t c_size[2] = {512, (dnnl_dim_t)n};
    const dnnl_dim_t a_strides[2] = {(dnnl_dim_t)k, 1}, c_strides[2] = {(dnnl_dim_t)n, 1};
    description a = NO_DESCRIPTION, b = NO_DESCRIPTION, c = NO_DESCRIPTION;
    dnnl_primitive_desc_t product = NULL;
    dnnl_status_t status = describe(&a, 2, a_size, data_type(type), a_strides);
    if (status == dnnl_success) status = describe(&b, 2, b_size, data_type(type), NULL);
    if (status == dnnl_success) status = describe(&c, 2, c_size, dnnl_f32, c_strides);
    if (status == dnnl_success)
        status = describe_product(&product, products->engine, &a, &b, NULL, &c, 0);
    if (status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        status = dnnl_memory_desc_clone(
            packed, dnnl_primitive_desc_query_md(product, dnnl_query_weights_md, 0));
#else
        *packed = *dnnl_primitive_desc_query_md(product, dnnl_query_weights_md, 0);
#endif
    }
    if (product) dnnl_primitive_desc_destroy(product);
    RELEASE(a);
    RELEASE(b);
    RELEASE(c);
    return status;
}

static dnnl_status_t slot_fill(warrant_products *products, matmul_slot *slot,
                               const warrant_matmul *s) {
    const int first = s->batch > 1 ? 0 : 1, rank = 3 - first;
    const dnnl_dim_t batch = (dnnl_dim_t)s->batch, m = (dnnl_dim_t)s->m, n = (dnnl_dim_t)s->n,
                     k = (dnnl_dim_t)s->k;
    const dnnl_dim_t a_size[3] = {batch, m, k}, b_size[3] = {batch, k, n}, c_size[3] = {batch, m, n};
    const dnnl_dim_t a_strides[3] = {(dnnl_dim_t)s->a_batch, (dnnl_dim_t)s->a_row,
                                     (dnnl_dim_t)s->a_column};
    const dnnl_dim_t b_strides[3] = {(dnnl_dim_t)s->b_batch, (dnnl_dim_t)s->b_row,
                                     (dnnl_dim_t)s->b_column};
    const dnnl_dim_t c_strides[3] = {(dnnl_dim_t)s->c_batch, (dnnl_dim_t)s->c_row, 1};
    const dnnl_dim_t bias_size[2] = {1, n}, bias_strides[2] = {n, 1};
    const dnnl_data_type_t operands = data_type(s->operands);
    dnnl_status_t status = dnnl_success;
    description a = NO_DESCRIPTION, b = NO_DESCRIPTION, bias = NO_DESCRIPTION, c = NO_DESCRIPTION;
    dnnl_primitive_desc_t product = NULL;
#define STEP(call) \
    if (status == dnnl_success) status = (call)
    STEP(describe(&a, rank, a_size + first, operands, a_strides + first));
    STEP(s->is_packed ? describe_packed(products, s->k, s->n, s->operands, &b)
                      : describe(&b, rank, b_size + first, operands, b_strides + first));
    STEP(describe(&bias, 2, bias_size, dnnl_f32, bias_strides));
    STEP(describe(&c, rank, c_size + first, data_type(s->result), c_strides + first));
    STEP(describe_product(&product, products->engine, &a, &b, s->has_bias ? &bias : NULL, &c,
                          s->accumulates));
    STEP(dnnl_memory_create(&slot->a, DESCRIBED(a), products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->b, DESCRIBED(b), products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->bias, DESCRIBED(bias), products->engine, DNNL_MEMORY_NONE));
    STEP(dnnl_memory_create(&slot->c, DESCRIBED(c), products->engine, DNNL_MEMORY_NONE));
    if (status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        const_dnnl_memory_desc_t scratch =
            dnnl_primitive_desc_query_md(product, dnnl_query_scratchpad_md, 0);
#else
        const dnnl_memory_desc_t *scratch =
            dnnl_primitive_desc_query_md(product, dnnl_query_scratchpad_md, 0);
#endif
        slot->scratch_size = dnnl_memory_desc_get_size(scratch);
        STEP(dnnl_memory_create(&slot->scratch, scratch, products->engine, DNNL_MEMORY_NONE));
    }
    // oneDNN's brgemm gives a row the same bits whatever the rows beside it; its other kernels
    // choose by the number of rows (seen with 2.6 on AVX2).
    const char *implementation = NULL;
    STEP(dnnl_primitive_desc_query(product, dnnl_query_impl_info_str, 0, &implementation));
    STEP(dnnl_primitive_create(&slot->primitive, product));
#undef STEP
    if (product) dnnl_primitive_desc_destroy(product);
    RELEASE(a);
    RELEASE(b);
    RELEASE(bias);
    RELEASE(c);
    if (status != dnnl_success) {
        slot_clear(slot);
        return status;
    }
    slot->shape = *s;
    slot->row_invariant = implementation && !strncmp(implementation, "brg", 3);
    return dnnl_success;
}

static int is_same(const warrant_matmul *a, const warrant_matmul *b) {
    return a->batch == b->batch && a->m == b->m && a->n == b->n && a->k == b->k &&
           a->a_batch == b->a_batch && a->a_row == b->a_row && a->a_column == b->a_column &&
           a->b_batch == b->b_batch && a->b_row == b->b_row && a->b_column == b->b_column &&
           a->c_batch == b->c_batch && a->c_row == b->c_row && a->operands == b->operands &&
           a->result == b->result && a->has_bias == b->has_bias && a->is_packed == b->is_packed &&
           a->accumulates == b->accumulates;
}

static size_t hash(const warrant_matmul *s) {
    const size_t parts[] = {s->m,     s->n,     s->k,      s->batch,           s->a_row,
                            s->b_row, s->c_row, s->a_column, s->operands * 16 + s->result * 8 +
                                                                 s->has_bias * 4 +
                                                                 s->is_packed * 2 + s->accumulates};
    size_t value = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        value = (value ^ parts[i]) * 0x9E3779B97F4A7C15ull;
        value ^= value >> 29;
    }
    return value;
}

// Open addressing; when three quarters are taken, all are dropped and made anew on demand.
static matmul_slot *slot_find(warrant_products *products, const warrant_matmul *shape,
                              dnnl_status_t *status) {
    const size_t start = hash(shape) % slot_count;
    size_t index = start;
    for (; products->slots[index].primitive; index = (index + 1) % slot_count)
        if (is_same(&products->slots[index].shape, shape)) return &products->slots[index];
    if (products->used >= slot_count / 4 * 3) {
        for (size_t i = 0; i < slot_count; i++) slot_clear(&products->slots[i]);
        products->used = 0;
        index = start;
    }
    matmul_slot *slot = &products->slots[index];
    *status = slot_fill(products, slot, shape);
    if (*status != dnnl_success) return NULL;
    products->used++;
    return slot;
}

int warrant_matmul_is_row_invariant(warrant_products *products, const warrant_matmul *shape) {
    use_one_thread();
    dnnl_status_t status = dnnl_success;
    matmul_slot *slot = slot_find(products, shape, &status);
    return slot && slot->row_invariant;
}

static void *scratch_of(warrant_products *products, size_t size) {
    if (size > products->scratch_capacity) {
        free(products->scratch);
        products->scratch_capacity = 0;
        const size_t rounded = (size + 4095) / 4096 * 4096;
        products->scratch = aligned_alloc(4096, rounded);
        if (products->scratch) products->scratch_capacity = rounded;
    }
    return products->scratch;
}

int warrant_multiply(warrant_products *products, const warrant_matmul *shape, const void *a,
                     const void *b, const float *bias, void *c) {
    use_one_thread();
    dnnl_status_t status = dnnl_success;
    matmul_slot *slot = slot_find(products, shape, &status);
    if (!slot) return (int)status;
    void *scratch = scratch_of(products, slot->scratch_size);
    if (slot->scratch_size && !scratch) return (int)dnnl_out_of_memory;
    dnnl_memory_set_data_handle(slot->a, (void *)a);
    dnnl_memory_set_data_handle(slot->b, (void *)b);
    dnnl_memory_set_data_handle(slot->c, c);
    dnnl_memory_set_data_handle(slot->scratch, scratch);
    dnnl_exec_arg_t arguments[5] = {{DNNL_ARG_SRC, slot->a},
                                    {DNNL_ARG_WEIGHTS, slot->b},
                                    {DNNL_ARG_DST, slot->c},
                                    {DNNL_ARG_SCRATCHPAD, slot->scratch},
                                    {DNNL_ARG_BIAS, slot->bias}};
    if (bias) dnnl_memory_set_data_handle(slot->bias, (void *)bias);
    status = dnnl_primitive_execute(slot->primitive, products->stream, bias ? 5 : 4, arguments);
    if (status == dnnl_success) status = dnnl_stream_wait(products->stream);
    return (int)status;
}

// MARK: Packed weights

size_t warrant_packed_size(warrant_products *products, size_t outputs, size_t inputs,
                           warrant_type type) {
    use_one_thread();
    description packed = NO_DESCRIPTION;
    if (describe_packed(products, inputs, outputs, type, &packed) != dnnl_success) return 0;
    size_t size = dnnl_memory_desc_get_size(DESCRIBED(packed));
#if DNNL_VERSION_MAJOR < 3
    // A plain layout means that packing brings nothing here.
    if (packed.format_kind != dnnl_blocked || packed.format_desc.blocking.inner_nblks == 0) size = 0;
#endif
    RELEASE(packed);
    return size;
}

int warrant_pack(warrant_products *products, size_t outputs, size_t inputs, warrant_type type,
                 const float *w, void *packed) {
    use_one_thread();
    const dnnl_dim_t size[2] = {(dnnl_dim_t)inputs, (dnnl_dim_t)outputs};
    const dnnl_dim_t strides[2] = {1, (dnnl_dim_t)inputs};  // stored [outputs, inputs]
    description from = NO_DESCRIPTION, to = NO_DESCRIPTION;
    dnnl_memory_t source = NULL, target = NULL;
    dnnl_primitive_desc_t reorder = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_status_t status = describe(&from, 2, size, dnnl_f32, strides);
#define STEP(call) \
    if (status == dnnl_success) status = (call)
    STEP(describe_packed(products, inputs, outputs, type, &to));
    STEP(dnnl_memory_create(&source, DESCRIBED(from), products->engine, (void *)w));
    STEP(dnnl_memory_create(&target, DESCRIBED(to), products->engine, packed));
    STEP(dnnl_reorder_primitive_desc_create(&reorder, DESCRIBED(from), products->engine,
                                            DESCRIBED(to), products->engine, NULL));
    STEP(dnnl_primitive_create(&primitive, reorder));
    dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}};
    STEP(dnnl_primitive_execute(primitive, products->stream, 2, arguments));
    STEP(dnnl_stream_wait(products->stream));
#undef STEP
    if (primitive) dnnl_primitive_destroy(primitive);
    if (reorder) dnnl_primitive_desc_destroy(reorder);
    if (source) dnnl_memory_destroy(source);
    if (target) dnnl_memory_destroy(target);
    RELEASE(from);
    RELEASE(to);
    return (int)status;
}
