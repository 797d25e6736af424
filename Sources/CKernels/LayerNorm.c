// Ba, Kiros & Hinton 2016, with the residual sum, the bias and the dropout before it in one pass.
#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

WARRANT_BODY warrant_residual_layer_norm_forward_body(
    float *out, uint16_t *half, float *y, const float *bias, const float *residual,
    const float *gamma, const float *beta, float epsilon, float *means, float *reciprocals,
    size_t rows, size_t columns, warrant_dropout dropout) {
    const uint32_t limit = warrant_drop_limit(dropout.probability);
    const float scale = 1.0f / (1.0f - dropout.probability);
    for (size_t row = 0; row < rows; row++) {
        float *z = y + row * columns;
        if (bias)
            for (size_t c = 0; c < columns; c++) z[c] += bias[c];
        if (dropout.row_keys) {
            const uint32_t key = warrant_site_key(dropout.row_keys[row], dropout.site);
            for (size_t c = 0; c < columns; c++)
                z[c] = warrant_hash(key, (uint32_t)c) < limit ? 0.0f : z[c] * scale;
        }
        if (residual)
            for (size_t c = 0; c < columns; c++) z[c] += residual[row * columns + c];

        float mean = 0, variance = 0;
        {
#pragma clang fp reassociate(on)
            for (size_t c = 0; c < columns; c++) mean += z[c];
            mean /= (float)columns;
            for (size_t c = 0; c < columns; c++) variance += (z[c] - mean) * (z[c] - mean);
        }
        const float reciprocal = 1.0f / sqrtf(variance / (float)columns + epsilon);
        float *result = out + row * columns;
        WARRANT_EACH
        for (size_t c = 0; c < columns; c++)
            result[c] = (z[c] - mean) * reciprocal * gamma[c] + beta[c];
        if (half)
            for (size_t c = 0; c < columns; c++) half[row * columns + c] = warrant_bf16(result[c]);
        if (means) {
            means[row] = mean;
            reciprocals[row] = reciprocal;
        }
    }
}

// With x̂ = (z - mean) · r and g = d_out · gamma:
//   dz = r · (g - mean(g) - x̂ · mean(g · x̂)),  d_gamma = Σ d_out · x̂,  d_beta = Σ d_out.
WARRANT_BODY warrant_residual_layer_norm_backward_body(
    float *d_y, uint16_t *d_half, float *d_residual, int accumulate_residual, float *d_gamma,
    float *d_beta, float *d_bias, const float *d_out, const float *z, const float *gamma,
    const float *means, const float *reciprocals, size_t rows, size_t columns,
    warrant_dropout dropout) {
    const uint32_t limit = warrant_drop_limit(dropout.probability);
    const float scale = 1.0f / (1.0f - dropout.probability);
    for (size_t row = 0; row < rows; row++) {
        const float *d = d_out + row * columns;
        const float *x = z + row * columns;
        const float mean = means[row], reciprocal = reciprocals[row];
        float sum = 0, product = 0;
        {
#pragma clang fp reassociate(on)
            for (size_t c = 0; c < columns; c++) {
                float g = d[c] * gamma[c];
                sum += g;
                product += g * ((x[c] - mean) * reciprocal);
            }
        }
        sum /= (float)columns;
        product /= (float)columns;
        if (d_gamma)
            for (size_t c = 0; c < columns; c++) d_gamma[c] += d[c] * ((x[c] - mean) * reciprocal);
        if (d_beta)
            for (size_t c = 0; c < columns; c++) d_beta[c] += d[c];

        float *dy = d_y + row * columns;
        for (size_t c = 0; c < columns; c++)
            dy[c] = reciprocal *
                    (d[c] * gamma[c] - sum - ((x[c] - mean) * reciprocal) * product);
        if (d_residual) {
            float *dr = d_residual + row * columns;
            if (accumulate_residual)
                for (size_t c = 0; c < columns; c++) dr[c] += dy[c];
            else
                for (size_t c = 0; c < columns; c++) dr[c] = dy[c];
        }
        if (dropout.row_keys) {
            const uint32_t key = warrant_site_key(dropout.row_keys[row], dropout.site);
            for (size_t c = 0; c < columns; c++)
                dy[c] = warrant_hash(key, (uint32_t)c) < limit ? 0.0f : dy[c] * scale;
        }
        if (d_bias)
            for (size_t c = 0; c < columns; c++) d_bias[c] += dy[c];
        if (d_half)
            for (size_t c = 0; c < columns; c++) d_half[row * columns + c] = warrant_bf16(dy[c]);
    }
}

WARRANT_KERNEL(warrant_residual_layer_norm_forward,
               (float *out, uint16_t *half, float *y, const float *bias, const float *residual,
                const float *gamma, const float *beta, float epsilon, float *means,
                float *reciprocals, size_t rows, size_t columns, warrant_dropout dropout),
               (out, half, y, bias, residual, gamma, beta, epsilon, means, reciprocals, rows,
                columns, dropout))

WARRANT_KERNEL(warrant_residual_layer_norm_backward,
               (float *d_y, uint16_t *d_half, float *d_residual, int accumulate_residual, float *d_gamma,
                float *d_beta, float *d_bias, const float *d_out, const float *z,
                const float *gamma, const float *means, const float *reciprocals, size_t rows,
                size_t columns, warrant_dropout dropout),
               (d_y, d_half, d_residual, accumulate_residual, d_gamma, d_beta, d_bias, d_out, z,
                gamma, means, reciprocals, rows, columns, dropout))
