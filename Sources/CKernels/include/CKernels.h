// Element-wise and row-wise kernels, and the shim over oneDNN's products.
//
// Matrices are row-major, of float32 or, as uint16_t and under the name `half`, of bfloat16. Sizes
// are in elements, strides too. Every kernel runs on the calling thread alone and gives a row the
// same bits whatever the rows beside it.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction sets (Instructions.c)

/// 0 plain C (NEON on Arm), 1 AVX2 + FMA, 2 AVX-512. Chosen once; the environment variable
/// WARRANT_MAX_CPU_ISA (`plain`, `avx2`, `avx512`) lowers it, and so does `warrant_limit_instructions`.
int warrant_instruction_set(void);

/// From now on kernels called on this thread use at most the instruction set `limit`; returns the
/// limit before (2 at first). For tests of every variant of a kernel; oneDNN's products are not
/// concerned.
int warrant_limit_instructions(int limit);

/// The version of the system's mathematical library: that of the C library, or of the system.
const char *warrant_libm_version(void);

/// The compiler that these kernels were built with, such as `clang 21.0.0`.
const char *warrant_compiler(void);

/// To be raised when a kernel's results change for the same input, in whatever digit: certificates
/// name it, and results of equal versions are compared bit for bit.
#define WARRANT_KERNELS_VERSION 1

// MARK: Products (Products.c)

/// A cache of oneDNN primitives with their scratch memory; one for each worker, never shared.
typedef struct warrant_products warrant_products;

/// Returns NULL where oneDNN cannot be set up.
warrant_products *warrant_products_create(void);
void warrant_products_destroy(warrant_products *products);

/// What a matrix is made of.
typedef enum { WARRANT_F32 = 0, WARRANT_BF16 = 1 } warrant_type;

/// c[m, n] = a[m, k] · b[k, n] (+ bias[n]), `batch` times. Strides are in elements; c's columns lie
/// next to each other. Sums are in float32, whatever the operands.
typedef struct {
    size_t batch, m, n, k;
    size_t a_batch, a_row, a_column;
    size_t b_batch, b_row, b_column;  // not used when b is packed
    size_t c_batch, c_row;
    warrant_type operands, result;
    int has_bias;     // float32; only with a batch of 1
    int is_packed;    // b was laid out by `warrant_pack`
    int accumulates;  // the product is added to c
} warrant_matmul;

/// The status of a call for which there was no memory.
#define WARRANT_OUT_OF_MEMORY 1

/// Runs a product with the primitive of its shape, which is made the first time (0.1 to 0.5 ms).
/// `bias` is NULL unless the shape has one.
/// Returns 0, or oneDNN's status.
int warrant_multiply(warrant_products *products, const warrant_matmul *shape, const void *a,
                     const void *b, const float *bias, void *c);

/// Whether a product of this shape gives a row the same bits whatever the rows beside it: so it is
/// with oneDNN's brgemm (AVX-512), and not with its older kernels (AVX2).
int warrant_matmul_is_row_invariant(warrant_products *products, const warrant_matmul *shape);

/// The bytes that weights [outputs, inputs] take when packed for x · wᵀ; 0 where packing brings
/// nothing on this machine.
size_t warrant_packed_size(warrant_products *products, size_t outputs, size_t inputs,
                           warrant_type type);

/// Packs w[outputs, inputs], rounded to `type`. Returns 0, or oneDNN's status.
int warrant_pack(warrant_products *products, size_t outputs, size_t inputs, warrant_type type,
                 const float *w, void *packed);

/// c[m, n] = a · b + beta · c, with a as [m, k] ([k, m] when transposed) and b as [k, n] ([n, k]).
/// Returns 0, or oneDNN's status.
int warrant_product(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a,
                    size_t stride_a, const float *b, size_t stride_b, float beta, float *c,
                    size_t stride_c);

/// "2.6.3" and the like, of the library found at run time.
void warrant_onednn_version(int *major, int *minor, int *patch);

/// Whether oneDNN multiplies bfloat16 with instructions of its own on this machine (AVX512-BF16 or
/// AMX), and in a way that gives a row the same bits whatever the rows beside it.
int warrant_has_bf16(void);

/// oneDNN's number for the instructions that it uses on this machine, environment included.
int warrant_onednn_instruction_set(void);

// MARK: Dropout (Dropout.c)

/// Which elements are kept is a pure function of (row key, site, column), so that masks depend on
/// neither threads nor batches and are computed again, not stored, in the backward pass.
typedef struct {
    const uint64_t *row_keys;  // one for each row; NULL: no dropout
    uint32_t site;             // which dropout of the network this is
    float probability;         // of dropping, in [0, 1)
} warrant_dropout;

/// x[rows, columns] *= mask / (1 - probability); forward and backward are the same call.
void warrant_dropout_apply(float *x, size_t rows, size_t columns, warrant_dropout dropout);

// MARK: Rows (LayerNorm.c, Gelu.c, Elementwise.c)

/// z = residual + dropout(y + bias); out = (z - mean) / sqrt(variance + epsilon) · gamma + beta.
/// `y` [rows, columns] is overwritten with z, or with the result where `out` is `y`. `half`: the
/// result rounded, or NULL. `bias` and `residual` may be NULL. Mean and reciprocal standard
/// deviation [rows] are kept for the backward pass, unless both are NULL.
void warrant_residual_layer_norm_forward(float *out, uint16_t *half, float *y, const float *bias,
                                         const float *residual, const float *gamma,
                                         const float *beta, float epsilon, float *means,
                                         float *reciprocals, size_t rows, size_t columns,
                                         warrant_dropout dropout);

/// From d_out to d_residual (= dz) and d_y (= dz through the dropout). `d_residual` is added to
/// when `accumulate_residual`; it may be NULL. `d_gamma`, `d_beta`, `d_bias` [columns] are added
/// to; each may be NULL. `d_y` must not be NULL. `d_half`: `d_y` rounded, or NULL.
void warrant_residual_layer_norm_backward(float *d_y, uint16_t *d_half, float *d_residual, int accumulate_residual,
                                          float *d_gamma, float *d_beta, float *d_bias,
                                          const float *d_out, const float *z, const float *gamma,
                                          const float *means, const float *reciprocals,
                                          size_t rows, size_t columns, warrant_dropout dropout);

/// u += bias; out = u · Φ(u), Φ the normal distribution's cumulative function (GELU with erf).
/// Written rounded to `half` where that is not NULL, to `out` otherwise; `out` may be `u`.
void warrant_bias_gelu_forward(float *out, uint16_t *half, float *u, const float *bias,
                               size_t rows, size_t columns);

/// d_u = d_out · (Φ(u) + u · φ(u)); d_bias [columns] is added to, and may be NULL; `d_half` is d_u
/// rounded, or NULL. `d_u` may be `d_out`.
void warrant_bias_gelu_backward(float *d_u, uint16_t *d_half, float *d_bias, const float *d_out,
                                const float *u, size_t rows, size_t columns);

/// x = tanh(x), and d_x = d_out · (1 - out²). `warrant_tanh_exact` is the C library's tanhf.
void warrant_tanh_forward(float *x, size_t count);
void warrant_tanh_exact(float *x, size_t count);
void warrant_tanh_backward(float *d_x, const float *d_out, const float *out, size_t count);

/// x = max(x, 0), NaN where x is, and d_x = d_out where out > 0, else 0.
void warrant_relu_forward(float *x, size_t count);
void warrant_relu_backward(float *d_x, const float *d_out, const float *out, size_t count);

/// out[row] = words[word_ids[row]] + positions[position_ids[row]] + segments[segment_ids[row]];
/// `segments` may be NULL.
void warrant_embedding_sum(float *out, const float *words, const float *positions,
                           const float *segments, const int32_t *word_ids,
                           const int32_t *position_ids, const int32_t *segment_ids, size_t rows,
                           size_t columns);

/// x[row] += bias, for each row.
void warrant_add_bias(float *x, const float *bias, size_t rows, size_t columns);
/// sums[column] += Σ over rows of x.
void warrant_column_sums(float *sums, const float *x, size_t rows, size_t columns);
/// y += x.
void warrant_add(float *y, const float *x, size_t count);
/// half = x, rounded to the nearest.
void warrant_round(uint16_t *half, const float *x, size_t count);
/// sum = the parts added up element by element, in their order; `sum` may be one of them.
void warrant_sum_parts(float *sum, const float *const *parts, size_t part_count, size_t count);
/// Σ of squares of the parts' sum, in blocks of fixed size, so that the result is a function of the
/// values alone.
double warrant_sum_of_squares(const float *const *parts, size_t part_count, size_t count);

// MARK: Attention (Attention.c)

/// One document's attention: `queries` rows of `query_rows` × heads · head_size, keys and values of
/// `key_rows`. A head's columns lie at head · head_size.
typedef struct {
    size_t query_rows, key_rows, heads, head_size;
    const float *queries;
    size_t query_stride;
    const float *keys;
    size_t key_stride;
    const float *values;
    size_t value_stride;
    warrant_dropout dropout;  // row_keys: of the query rows
} warrant_attention;

/// Scores of at most this many floats are kept at a time (256 KiB); in bfloat16 the heads of a
/// document with more are multiplied one by one.
enum { warrant_attention_block = 1 << 16 };

/// How many elements of scratch memory a forward pass takes.
size_t warrant_attention_scratch(size_t heads, size_t head_size, size_t query_rows,
                                 size_t key_rows);

/// probabilities[heads, query_rows, key_rows] = softmax(queries · keysᵀ / sqrt(head_size)), kept
/// without dropout, unless NULL; out[query_rows, heads · head_size] = dropout(probabilities) ·
/// values. `scratch`: `warrant_attention_scratch` floats. Returns 0 or oneDNN's status.
int warrant_attention_forward(const warrant_attention *attention, float *probabilities, float *out,
                              size_t out_stride, float *scratch);

/// The second half of a forward pass, from given probabilities: out = dropout(probabilities) ·
/// values. `scratch` as above.
int warrant_attention_mix(const warrant_attention *attention, const float *probabilities,
                          float *out, size_t out_stride, float *scratch);

/// As above with operands in bfloat16; no dropout.
typedef struct {
    size_t query_rows, key_rows, heads, head_size;
    const uint16_t *queries;
    size_t query_stride;
    const uint16_t *keys;
    size_t key_stride;
    const uint16_t *values;
    size_t value_stride;
} warrant_half_attention;

/// The forward pass in bfloat16: softmax in float32, rounded for the product with the values.
/// `probabilities` (float32, before rounding) may be NULL. `scores` and `rounded`: scratch of
/// `warrant_attention_scratch` elements each.
int warrant_half_attention_forward(warrant_products *products, const warrant_half_attention *a,
                                   float *probabilities, uint16_t *out, size_t out_stride,
                                   float *scores, uint16_t *rounded);

/// Its second half from given probabilities. `rounded`: scratch as above.
int warrant_half_attention_mix(warrant_products *products, const warrant_half_attention *a,
                               const float *probabilities, uint16_t *out, size_t out_stride,
                               uint16_t *rounded);

/// Where a document's gradients go, laid out like the inputs; each is added to where its `adds_to`
/// is set. `queries` and `keys` are NULL where the probabilities do not depend on them.
typedef struct {
    float *queries;
    size_t query_stride;
    int adds_to_queries;
    float *keys;
    size_t key_stride;
    int adds_to_keys;
    float *values;
    size_t value_stride;
    int adds_to_values;
} warrant_attention_gradients;

/// Gradients of queries, keys and values. `scratch`: 2 · query_rows · key_rows elements.
int warrant_attention_backward(const warrant_attention *attention, const float *probabilities,
                               const float *d_out, size_t d_out_stride,
                               const warrant_attention_gradients *gradients, float *scratch);

// MARK: General operations (Documents.c)

/// x = 1 / (1 + e^-x), and d_x = d_out · out · (1 - out).
void warrant_sigmoid_forward(float *x, size_t count);
void warrant_sigmoid_backward(float *d_x, const float *d_out, const float *out, size_t count);
/// out = softmax of the scores that are not masked, exactly 0 where they are; `masked` may be NULL.
void warrant_softmax(float *out, const float *scores, const uint8_t *masked, size_t count);
/// d_scores = out · (d_out - Σ d_out · out).
void warrant_softmax_backward(float *d_scores, const float *d_out, const float *out, size_t count);
/// x *= factor.
void warrant_scale(float *x, float factor, size_t count);
/// y += x · factor.
void warrant_add_scaled(float *y, const float *x, float factor, size_t count);
/// y += a · b, element by element.
void warrant_add_products(float *y, const float *a, const float *b, size_t count);
/// Σ a · b.
float warrant_dot(const float *a, const float *b, size_t count);
/// Each column's largest element over `rows` > 0 rows, and the first row where it stands.
void warrant_column_maxima(float *maxima, int32_t *places, const float *x, size_t rows,
                           size_t columns);
/// out[row, column, k] = x[row + k - width / 2, column], 0 outside of the rows.
void warrant_unfold(float *out, const float *x, size_t rows, size_t columns, size_t width);
/// out[row, column, k] = x[sources[row, k], column], 0 where that is -1.
void warrant_windows(float *out, const float *x, const int32_t *sources, size_t rows,
                     size_t columns, size_t width);
/// d_x is added to: the gradient of `warrant_unfold`.
void warrant_fold(float *d_x, const float *d_out, size_t rows, size_t columns, size_t width);

// MARK: Recurrent layers (Recurrent.c)

/// One step of `count` documents of an LSTM: i, f, o = σ(·), g = tanh(·), c = f · c' + i · g,
/// h = o · tanh(c). `rows`: of each document, where the step's row lies in `gates` [·, 4 · hidden],
/// `cells` and `states` [·, hidden]; `previous`: of the step before, NULL at the first. `gates`: the
/// input's part, replaced by i, f, g, o. `recurrent` [count, 4 · hidden]: W h', NULL at the first
/// step. `step_states` [count, hidden]: a copy of the new states.
void warrant_lstm_forward(size_t count, size_t hidden, const int32_t *rows,
                          const int32_t *previous, float *gates, const float *recurrent,
                          const float *bias, float *cells, float *states, float *step_states);
/// Its gradient. `d_next` [count, hidden]: of the states, from the step after; `d_cells` [count,
/// hidden]: of the cells, replaced by that of the cells before; `d_gates` and, as a copy,
/// `step_d_gates` [count, 4 · hidden]: of what σ and tanh were taken of.
void warrant_lstm_backward(size_t count, size_t hidden, const int32_t *rows,
                           const int32_t *previous, const float *gates, const float *cells,
                           const float *d_states, const float *d_next, float *d_cells,
                           float *d_gates, float *step_d_gates);
/// One step of a GRU: r, z = σ(·), q = W_n h' + b_n, n = tanh(x's part + r · q),
/// h = (1 - z) · n + z · h'. As for the LSTM with 3 gates; `inner` [·, hidden]: q.
void warrant_gru_forward(size_t count, size_t hidden, const int32_t *rows,
                         const int32_t *previous, float *gates, const float *recurrent,
                         const float *bias, float *inner, float *states, float *step_states);
/// Its gradient. `d_kept` [count, hidden]: what z lets through to the state before; `d_gates`: of the
/// input's part; `d_recurrent` and, as a copy, `step_d` [count, 3 · hidden]: of W h' + b.
void warrant_gru_backward(size_t count, size_t hidden, const int32_t *rows,
                          const int32_t *previous, const float *gates, const float *inner,
                          const float *states, const float *d_states, const float *d_next,
                          float *d_kept, float *d_gates, float *d_recurrent, float *step_d);

// MARK: Optimizer (AdamW.c)

/// One step's constants: AdamW with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2).
typedef struct {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    float correction1, correction2;  // 1 - beta1^t, 1 - beta2^t
    float gradient_scale;            // clipping: gradients are multiplied by it
} warrant_adamw_step;

/// In one pass over parameter, gradients (which are added up in their order) and both moments.
/// `half`: the new parameter rounded, or NULL.
void warrant_adamw(float *parameter, uint16_t *half, const float *const *gradients,
                   size_t gradient_count, float *moment1, float *moment2, size_t count,
                   warrant_adamw_step step);

/// `steps` steps with a gradient of zero, as `warrant_adamw` would have done them one by one.
void warrant_adamw_idle(float *parameter, float *moment1, float *moment2, size_t count,
                        const warrant_adamw_step *steps, size_t step_count);

// MARK: Optimizer (Adam.c)

/// One step's constants: Adam with L2 decay (Kingma & Ba 2015), as PyTorch 1.0 has it.
typedef struct {
    float rate;  // learning rate · sqrt(1 - beta2^t) / (1 - beta1^t)
    float beta1, beta2, epsilon;
    float weight_decay;    // added to the gradient, times the parameter
    float gradient_scale;  // clipping: gradients are multiplied by it, before decay is added
} warrant_adam_step;

/// As `warrant_adamw`. `maxima`: the largest second moments so far, which divide (AMSGrad); or NULL.
void warrant_adam(float *parameter, const float *const *gradients, size_t gradient_count,
                  float *moment1, float *moment2, float *maxima, size_t count,
                  warrant_adam_step step);

/// `steps` steps with a gradient of zero and this decay, as `warrant_adam` would have done them one by
/// one.
void warrant_adam_idle(float *parameter, float *moment1, float *moment2, float *maxima,
                       size_t count, const warrant_adam_step *steps, size_t step_count,
                       float weight_decay);

// MARK: Adversarial attention (Adversary.c)

/// A text whose states stay as they are, and what its attention is to be led away from (Jain & Wallace
/// 2019, section 4.2.2). Rows of words are padded with zeros to `stride`, the next multiple of 16.
///
/// Logits of weights a: Σ a_i v_i + bias or, with an inner layer, output · tanh(Σ a_i v_i + offset) +
/// bias. Probabilities: σ of one logit, softmax of several.
typedef struct {
    size_t words, stride;
    size_t width, outputs;       // of a value v_i, and of the logits; equal without an inner layer
    const float *values;         // [width, stride]; with an inner layer [words, width]
    const float *offset;         // [width], and
    const float *output;         // [outputs, width]; both NULL without an inner layer
    const float *bias;           // [outputs]
    const float *attention;      // the model's own weights [stride]
    const double *probabilities; // with them [outputs]
    float tolerance, penalty;    // the change that is free, and the price of more
} warrant_adversary;

/// How many floats of scratch memory `warrant_adversary_gradient` takes for `count` searches.
size_t warrant_adversary_scratch(const warrant_adversary *text, size_t count);

/// With a_k = softmax(z_k), z [count, stride]:
///
///     loss = Σ_k (-JSD(a_k, attention) + penalty · max(0, d_k - tolerance))
///            - 2 / count² · Σ_{i < j} JSD(a_i, a_j),
///
/// d_k the change of the only probability, or Σ |change| of several; logarithms are taken of
/// probabilities + 1e-10. `attention`: a [count, stride]; `differences`: d [count]; `gradient`: of the
/// loss with respect to z [count, stride]. What z holds past the words does not matter.
void warrant_adversary_gradient(const warrant_adversary *text, size_t count, const double *z,
                                float *attention, float *differences, float *gradient,
                                double *loss, float *scratch);
/// A step of Adam with AMSGrad (`warrant_adam`) on vectors in double precision: hundreds of equal steps
/// in float32 would drift by what each of them is rounded. `rate`: learning rate · sqrt(1 - beta2^t) /
/// (1 - beta1^t).
void warrant_adversary_step(double *z, const float *gradient, float *moment1, float *moment2,
                            float *maxima, size_t count, double beta1, double beta2, double rate,
                            double epsilon);

#ifdef __cplusplus
}
#endif

#include "References.h"

#endif
