// Hendrycks & Gimpel 2016, the exact form: u · Φ(u) with Φ(u) = (1 + erf(u / √2)) / 2.
#include "Dispatch.h"
#include "Numerics.h"

#define INVERSE_SQRT_2 0.70710678118654752f
#define INVERSE_SQRT_2_PI 0.39894228040143268f

WARRANT_INLINE float gelu(float value) {
    float gaussian;
    return value * (0.5f + 0.5f * warrant_erf(value * INVERSE_SQRT_2, &gaussian));
}

WARRANT_INLINE float gelu_slope(float value) {
    float gaussian;  // e^(-u²/2), of which φ(u) is a multiple
    float cumulative = 0.5f + 0.5f * warrant_erf(value * INVERSE_SQRT_2, &gaussian);
    return cumulative + value * gaussian * INVERSE_SQRT_2_PI;
}

WARRANT_BODY warrant_bias_gelu_forward_body(float *out, uint16_t *half, float *u,
                                            const float *bias, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        float *x = u + row * columns;
        for (size_t c = 0; c < columns; c++) x[c] += bias[c];
        if (half)
            for (size_t c = 0; c < columns; c++) half[row * columns + c] = warrant_bf16(gelu(x[c]));
        else
            WARRANT_EACH
            for (size_t c = 0; c < columns; c++) out[row * columns + c] = gelu(x[c]);
    }
}

WARRANT_BODY warrant_bias_gelu_backward_body(float *d_u, uint16_t *d_half, float *d_bias,
                                             const float *d_out, const float *u, size_t rows,
                                             size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        const float *x = u + row * columns;
        const float *d = d_out + row * columns;
        float *result = d_u + row * columns;
        WARRANT_EACH
        for (size_t c = 0; c < columns; c++) result[c] = d[c] * gelu_slope(x[c]);
        if (d_bias)
            for (size_t c = 0; c < columns; c++) d_bias[c] += result[c];
        if (d_half)
            for (size_t c = 0; c < columns; c++) d_half[row * columns + c] = warrant_bf16(result[c]);
    }
}

WARRANT_KERNEL(warrant_bias_gelu_forward,
               (float *out, uint16_t *half, float *u, const float *bias, size_t rows,
                size_t columns),
               (out, half, u, bias, rows, columns))
WARRANT_KERNEL(warrant_bias_gelu_backward,
               (float *d_u, uint16_t *d_half, float *d_bias, const float *d_out, const float *u,
                size_t rows, size_t columns),
               (d_u, d_half, d_bias, d_out, u, rows, columns))
