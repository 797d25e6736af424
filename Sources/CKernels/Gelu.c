// Hendrycks & Gimpel 2016, the exact form: u · Φ(u) with Φ(u) = (1 + erf(u / √2)) / 2.
#include "Dispatch.h"
#include "Numerics.h"

#define INVERSE_SQRT_2 0.70710678118654752f
#define INVERSE_SQRT_2_PI 0.39894228040143268f

WARRANT_BODY warrant_bias_gelu_forward_body(float *out, float *u, const float *bias, size_t rows,
                                            size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        float *x = u + row * columns;
        float *y = out + row * columns;
        for (size_t c = 0; c < columns; c++) {
            float gaussian;
            float value = x[c] + bias[c];
            x[c] = value;
            y[c] = value * (0.5f + 0.5f * warrant_erf(value * INVERSE_SQRT_2, &gaussian));
        }
    }
}

WARRANT_BODY warrant_bias_gelu_backward_body(float *d_u, float *d_bias, const float *d_out,
                                             const float *u, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        const float *x = u + row * columns;
        const float *d = d_out + row * columns;
        float *result = d_u + row * columns;
        for (size_t c = 0; c < columns; c++) {
            float gaussian;  // e^(-u²/2), of which φ(u) is a multiple
            float cumulative = 0.5f + 0.5f * warrant_erf(x[c] * INVERSE_SQRT_2, &gaussian);
            result[c] = d[c] * (cumulative + x[c] * gaussian * INVERSE_SQRT_2_PI);
        }
        if (d_bias)
            for (size_t c = 0; c < columns; c++) d_bias[c] += result[c];
    }
}

WARRANT_KERNEL(warrant_bias_gelu_forward,
               (float *out, float *u, const float *bias, size_t rows, size_t columns),
               (out, u, bias, rows, columns))
WARRANT_KERNEL(warrant_bias_gelu_backward,
               (float *d_u, float *d_bias, const float *d_out, const float *u, size_t rows,
                size_t columns),
               (d_u, d_bias, d_out, u, rows, columns))
