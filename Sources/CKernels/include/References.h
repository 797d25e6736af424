// Slow plain loops that the fast kernels must equal: one element at a time, sums in double precision.
// Nothing but tests calls them.
#ifndef WARRANT_REFERENCES_H
#define WARRANT_REFERENCES_H

#include "CKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/// `warrant_product`.
void warrant_product_reference(int transpose_a, int transpose_b, size_t m, size_t n, size_t k,
                               const float *a, size_t stride_a, const float *b, size_t stride_b,
                               float beta, float *c, size_t stride_c);
/// `warrant_multiply`, for operands that are not packed.
void warrant_multiply_reference(const warrant_matmul *shape, const void *a, const void *b,
                                const float *bias, void *c);
/// `warrant_attention_forward`; `probabilities` must not be NULL.
void warrant_attention_forward_reference(const warrant_attention *attention, float *probabilities,
                                         float *out, size_t out_stride);
/// `warrant_attention_mix`.
void warrant_attention_mix_reference(const warrant_attention *attention,
                                     const float *probabilities, float *out, size_t out_stride);
/// `warrant_attention_backward`.
void warrant_attention_backward_reference(const warrant_attention *attention,
                                          const float *probabilities, const float *d_out,
                                          size_t d_out_stride,
                                          const warrant_attention_gradients *gradients);
/// `warrant_residual_layer_norm_forward` without a rounded result; `means` and `reciprocals` must
/// not be NULL.
void warrant_residual_layer_norm_forward_reference(
    float *out, float *y, const float *bias, const float *residual, const float *gamma,
    const float *beta, float epsilon, float *means, float *reciprocals, size_t rows,
    size_t columns, warrant_dropout dropout);
/// `warrant_residual_layer_norm_backward` without a rounded result; nothing may be NULL.
void warrant_residual_layer_norm_backward_reference(
    float *d_y, float *d_residual, int accumulate_residual, float *d_gamma, float *d_beta,
    float *d_bias, const float *d_out, const float *z, const float *gamma, const float *means,
    const float *reciprocals, size_t rows, size_t columns, warrant_dropout dropout);
/// `warrant_bias_gelu_forward` and `_backward` without rounded results; nothing may be NULL.
void warrant_bias_gelu_forward_reference(float *out, float *u, const float *bias, size_t rows,
                                         size_t columns);
void warrant_bias_gelu_backward_reference(float *d_u, float *d_bias, const float *d_out,
                                          const float *u, size_t rows, size_t columns);
/// `warrant_dropout_apply`.
void warrant_dropout_apply_reference(float *x, size_t rows, size_t columns,
                                     warrant_dropout dropout);
/// `warrant_adamw` for one gradient, without a rounded result.
void warrant_adamw_reference(float *parameter, const float *gradient, float *moment1,
                             float *moment2, size_t count, warrant_adamw_step step);
/// `warrant_lstm_forward` and `warrant_gru_forward`.
void warrant_lstm_forward_reference(size_t count, size_t hidden, const int32_t *rows,
                                    const int32_t *previous, float *gates, const float *recurrent,
                                    const float *bias, float *cells, float *states,
                                    float *step_states);
void warrant_gru_forward_reference(size_t count, size_t hidden, const int32_t *rows,
                                   const int32_t *previous, float *gates, const float *recurrent,
                                   const float *bias, float *inner, float *states,
                                   float *step_states);
/// `warrant_adversary_gradient`, with its results before rounding.
void warrant_adversary_gradient_reference(const warrant_adversary *text, size_t count,
                                          const double *z, double *attention,
                                          double *differences, double *gradient, double *loss);

#ifdef __cplusplus
}
#endif
#endif
