// Element-wise and row-wise kernels, and the shim over oneDNN's products.
//
// Every matrix is row-major float32. Sizes are in elements, strides too. Every kernel runs on the
// calling thread alone and gives a row the same bits whatever the rows beside it.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction sets (Instructions.c)

/// 0 plain C (NEON on Arm), 1 AVX2 + FMA, 2 AVX-512. Chosen once; the environment variable
/// WARRANT_MAX_CPU_ISA (`plain`, `avx2`, `avx512`) lowers it.
int warrant_instruction_set(void);

// MARK: Products (Products.c)

/// A cache of oneDNN primitives with their scratch memory; one for each worker, never shared.
typedef struct warrant_products warrant_products;

/// Returns NULL where oneDNN cannot be set up.
warrant_products *warrant_products_create(void);
void warrant_products_destroy(warrant_products *products);

/// y[rows, outputs] = x[rows, inputs] · w[outputs, inputs]ᵀ + bias[outputs] (bias may be NULL).
/// Returns 0, or oneDNN's status.
int warrant_linear(warrant_products *products, size_t rows, size_t inputs, size_t outputs,
                   const float *x, const float *w, const float *bias, float *y);

/// Whether `warrant_linear` of this shape gives a row the same bits whatever the rows beside it: so
/// it is with oneDNN's brgemm (AVX-512), and not with its older kernels (AVX2).
int warrant_linear_is_row_invariant(warrant_products *products, size_t rows, size_t inputs,
                                    size_t outputs, int has_bias);

/// c[m, n] = a · b + beta · c, with a as [m, k] ([k, m] when transposed) and b as [k, n] ([n, k]).
/// Returns 0, or oneDNN's status.
int warrant_product(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a,
                    size_t stride_a, const float *b, size_t stride_b, float beta, float *c,
                    size_t stride_c);

/// "2.6.3" and the like, of the library found at run time.
void warrant_onednn_version(int *major, int *minor, int *patch);

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
/// `y` [rows, columns] is overwritten with z. `bias` and `residual` may be NULL. Mean and
/// reciprocal standard deviation [rows] are kept for the backward pass.
void warrant_residual_layer_norm_forward(float *out, float *y, const float *bias,
                                         const float *residual, const float *gamma,
                                         const float *beta, float epsilon, float *means,
                                         float *reciprocals, size_t rows, size_t columns,
                                         warrant_dropout dropout);

/// From d_out to d_residual (= dz) and d_y (= dz through the dropout). `d_residual` is added to
/// when `accumulate_residual`; it may be NULL. `d_gamma`, `d_beta`, `d_bias` [columns] are added
/// to; each may be NULL. `d_y` must not be NULL.
void warrant_residual_layer_norm_backward(float *d_y, float *d_residual, int accumulate_residual,
                                          float *d_gamma, float *d_beta, float *d_bias,
                                          const float *d_out, const float *z, const float *gamma,
                                          const float *means, const float *reciprocals,
                                          size_t rows, size_t columns, warrant_dropout dropout);

/// u += bias; out = u · Φ(u), Φ the normal distribution's cumulative function (GELU with erf).
void warrant_bias_gelu_forward(float *out, float *u, const float *bias, size_t rows,
                               size_t columns);

/// d_u = d_out · (Φ(u) + u · φ(u)); d_bias [columns] is added to, and may be NULL.
void warrant_bias_gelu_backward(float *d_u, float *d_bias, const float *d_out, const float *u,
                                size_t rows, size_t columns);

/// x = tanh(x), and d_x = d_out · (1 - out²).
void warrant_tanh_forward(float *x, size_t count);
void warrant_tanh_backward(float *d_x, const float *d_out, const float *out, size_t count);

/// out[row] = words[word_ids[row]] + positions[position_ids[row]] + segments[segment_ids[row]].
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
/// Σ x², in blocks of fixed size, so that the result is a function of the values alone.
double warrant_sum_of_squares(const float *x, size_t count);

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

/// probabilities[heads, query_rows, key_rows] = softmax(queries · keysᵀ / sqrt(head_size)), kept
/// without dropout; out[query_rows, heads · head_size] = dropout(probabilities) · values.
/// `scratch`: query_rows · key_rows elements, used only with dropout. Returns 0 or oneDNN's status.
int warrant_attention_forward(const warrant_attention *attention, float *probabilities, float *out,
                              size_t out_stride, float *scratch);

/// Gradients of queries, keys and values; each is added to when its `accumulate` is set.
/// `scratch`: 2 · query_rows · key_rows elements.
int warrant_attention_backward(const warrant_attention *attention, const float *probabilities,
                               const float *d_out, size_t d_out_stride, float *d_queries,
                               size_t d_query_stride, int accumulate_queries, float *d_keys,
                               float *d_values, size_t d_key_stride, int accumulate_keys,
                               float *scratch);

// MARK: Optimizer (AdamW.c)

/// One step's constants: AdamW with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2).
typedef struct {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    float correction1, correction2;  // 1 - beta1^t, 1 - beta2^t
    float gradient_scale;            // clipping: gradients are multiplied by it
} warrant_adamw_step;

/// In one pass over parameter, gradient and both moments.
void warrant_adamw(float *parameter, const float *gradient, float *moment1, float *moment2,
                   size_t count, warrant_adamw_step step);

/// `steps` steps with a gradient of zero, as `warrant_adamw` would have done them one by one.
void warrant_adamw_idle(float *parameter, float *moment1, float *moment2, size_t count,
                        const warrant_adamw_step *steps, size_t step_count);

#ifdef __cplusplus
}
#endif
#endif
