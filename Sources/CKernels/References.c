#include "References.h"

#include <math.h>

#include "Numerics.h"

// An element of a matrix in either type.
static double element(const void *values, warrant_type type, size_t index) {
    if (type == WARRANT_F32) return ((const float *)values)[index];
    const uint32_t bits = (uint32_t)((const uint16_t *)values)[index] << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// What an element is multiplied by: 0, or 1 / (1 - probability).
static double kept(warrant_dropout dropout, uint32_t site, size_t row, size_t column) {
    if (!dropout.row_keys) return 1;
    const uint32_t key = warrant_site_key(dropout.row_keys[row], site);
    if (warrant_hash(key, (uint32_t)column) < warrant_drop_limit(dropout.probability)) return 0;
    return 1.0 / (1.0 - dropout.probability);
}

void warrant_product_reference(int transpose_a, int transpose_b, size_t m, size_t n, size_t k,
                               const float *a, size_t stride_a, const float *b, size_t stride_b,
                               float beta, float *c, size_t stride_c) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += (double)(transpose_a ? a[l * stride_a + i] : a[i * stride_a + l]) *
                       (double)(transpose_b ? b[j * stride_b + l] : b[l * stride_b + j]);
            float *to = c + i * stride_c + j;
            *to = (float)(sum + (beta == 0 ? 0 : beta * *to));
        }
}

void warrant_multiply_reference(const warrant_matmul *s, const void *a, const void *b,
                                const float *bias, void *c) {
    for (size_t i = 0; i < s->batch; i++)
        for (size_t row = 0; row < s->m; row++)
            for (size_t column = 0; column < s->n; column++) {
                double sum = s->has_bias ? bias[column] : 0;
                for (size_t l = 0; l < s->k; l++)
                    sum += element(a, s->operands,
                                   i * s->a_batch + row * s->a_row + l * s->a_column) *
                           element(b, s->operands,
                                   i * s->b_batch + l * s->b_row + column * s->b_column);
                const size_t place = i * s->c_batch + row * s->c_row + column;
                if (s->accumulates) sum += element(c, s->result, place);
                if (s->result == WARRANT_F32)
                    ((float *)c)[place] = (float)sum;
                else
                    ((uint16_t *)c)[place] = warrant_bf16((float)sum);
            }
}

// A head's dropout is a site of its own.
static uint32_t head_site(const warrant_attention *a, size_t head) {
    return a->dropout.site + 0x10000u * (uint32_t)(head + 1);
}

void warrant_attention_forward_reference(const warrant_attention *a, float *probabilities,
                                         float *out, size_t out_stride) {
    for (size_t head = 0; head < a->heads; head++)
        for (size_t q = 0; q < a->query_rows; q++) {
            float *p = probabilities + (head * a->query_rows + q) * a->key_rows;
            double largest = -INFINITY, sum = 0;
            for (size_t k = 0; k < a->key_rows; k++) {
                double score = 0;
                for (size_t c = head * a->head_size; c < (head + 1) * a->head_size; c++)
                    score += (double)a->queries[q * a->query_stride + c] *
                             (double)a->keys[k * a->key_stride + c];
                p[k] = (float)(score / sqrt((double)a->head_size));
                largest = fmax(largest, p[k]);
            }
            for (size_t k = 0; k < a->key_rows; k++) sum += exp(p[k] - largest);
            for (size_t k = 0; k < a->key_rows; k++) p[k] = (float)(exp(p[k] - largest) / sum);
        }
    warrant_attention_mix_reference(a, probabilities, out, out_stride);
}

void warrant_attention_mix_reference(const warrant_attention *a, const float *probabilities,
                                     float *out, size_t out_stride) {
    for (size_t head = 0; head < a->heads; head++)
        for (size_t q = 0; q < a->query_rows; q++)
            for (size_t c = head * a->head_size; c < (head + 1) * a->head_size; c++) {
                double sum = 0;
                for (size_t k = 0; k < a->key_rows; k++)
                    sum += probabilities[(head * a->query_rows + q) * a->key_rows + k] *
                           kept(a->dropout, head_site(a, head), q, k) *
                           (double)a->values[k * a->value_stride + c];
                out[q * out_stride + c] = (float)sum;
            }
}

void warrant_attention_backward_reference(const warrant_attention *a, const float *probabilities,
                                          const float *d_out, size_t d_out_stride,
                                          const warrant_attention_gradients *d) {
    const size_t hidden = a->heads * a->head_size;
    const double scale = 1 / sqrt((double)a->head_size);
    for (size_t row = 0; row < a->key_rows; row++)
        for (size_t c = 0; c < hidden; c++) {
            if (!d->adds_to_values) d->values[row * d->value_stride + c] = 0;
            if (d->queries && !d->adds_to_keys) d->keys[row * d->key_stride + c] = 0;
        }
    for (size_t row = 0; row < a->query_rows && d->queries; row++)
        for (size_t c = 0; c < hidden; c++)
            if (!d->adds_to_queries) d->queries[row * d->query_stride + c] = 0;
    for (size_t head = 0; head < a->heads; head++)
        for (size_t q = 0; q < a->query_rows; q++) {
            const float *p = probabilities + (head * a->query_rows + q) * a->key_rows;
            const size_t first = head * a->head_size, end = first + a->head_size;
            // Σ over the keys of p · dp.
            double mean = 0;
            for (int pass = 0; pass < 2; pass++)
                for (size_t k = 0; k < a->key_rows; k++) {
                    const double mask = kept(a->dropout, head_site(a, head), q, k);
                    double dp = 0;
                    for (size_t c = first; c < end; c++)
                        dp += (double)d_out[q * d_out_stride + c] *
                              (double)a->values[k * a->value_stride + c] * mask;
                    if (pass == 0) {
                        mean += p[k] * dp;
                        for (size_t c = first; c < end; c++)
                            d->values[k * d->value_stride + c] +=
                                (float)(p[k] * mask * d_out[q * d_out_stride + c]);
                        continue;
                    }
                    if (!d->queries) continue;
                    const double ds = p[k] * (dp - mean) * scale;
                    for (size_t c = first; c < end; c++) {
                        d->queries[q * d->query_stride + c] +=
                            (float)(ds * a->keys[k * a->key_stride + c]);
                        d->keys[k * d->key_stride + c] +=
                            (float)(ds * a->queries[q * a->query_stride + c]);
                    }
                }
        }
}

void warrant_residual_layer_norm_forward_reference(
    float *out, float *y, const float *bias, const float *residual, const float *gamma,
    const float *beta, float epsilon, float *means, float *reciprocals, size_t rows,
    size_t columns, warrant_dropout dropout) {
    for (size_t row = 0; row < rows; row++) {
        float *z = y + row * columns;
        double mean = 0, variance = 0;
        for (size_t c = 0; c < columns; c++) {
            const double sum = (double)z[c] + (bias ? bias[c] : 0);
            z[c] = (float)(sum * kept(dropout, dropout.site, row, c) +
                           (residual ? residual[row * columns + c] : 0));
            mean += z[c] / (double)columns;
        }
        for (size_t c = 0; c < columns; c++)
            variance += (z[c] - mean) * (z[c] - mean) / (double)columns;
        const double reciprocal = 1 / sqrt(variance + epsilon);
        means[row] = (float)mean;
        reciprocals[row] = (float)reciprocal;
        for (size_t c = 0; c < columns; c++)
            out[row * columns + c] = (float)((z[c] - mean) * reciprocal * gamma[c] + beta[c]);
    }
}

void warrant_residual_layer_norm_backward_reference(
    float *d_y, float *d_residual, int accumulate_residual, float *d_gamma, float *d_beta,
    float *d_bias, const float *d_out, const float *z, const float *gamma, const float *means,
    const float *reciprocals, size_t rows, size_t columns, warrant_dropout dropout) {
    for (size_t row = 0; row < rows; row++) {
        double sum = 0, product = 0;
        for (size_t c = 0; c < columns; c++) {
            const size_t i = row * columns + c;
            const double x = ((double)z[i] - means[row]) * reciprocals[row];
            sum += (double)d_out[i] * gamma[c] / (double)columns;
            product += (double)d_out[i] * gamma[c] * x / (double)columns;
            d_gamma[c] += (float)(d_out[i] * x);
            d_beta[c] += d_out[i];
        }
        for (size_t c = 0; c < columns; c++) {
            const size_t i = row * columns + c;
            const double x = ((double)z[i] - means[row]) * reciprocals[row];
            const double dz =
                reciprocals[row] * ((double)d_out[i] * gamma[c] - sum - x * product);
            d_residual[i] = (float)(dz + (accumulate_residual ? d_residual[i] : 0));
            d_y[i] = (float)(dz * kept(dropout, dropout.site, row, c));
            d_bias[c] += d_y[i];
        }
    }
}

void warrant_bias_gelu_forward_reference(float *out, float *u, const float *bias, size_t rows,
                                         size_t columns) {
    for (size_t i = 0; i < rows * columns; i++) {
        u[i] += bias[i % columns];
        out[i] = (float)(0.5 * u[i] * (1 + erf(u[i] / sqrt(2.0))));
    }
}

void warrant_bias_gelu_backward_reference(float *d_u, float *d_bias, const float *d_out,
                                          const float *u, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows * columns; i++) {
        const double x = u[i];
        const double slope =
            0.5 * (1 + erf(x / sqrt(2.0))) + x * exp(-x * x / 2) / sqrt(2 * 3.14159265358979323846);
        d_u[i] = (float)(d_out[i] * slope);
        d_bias[i % columns] += d_u[i];
    }
}

void warrant_dropout_apply_reference(float *x, size_t rows, size_t columns,
                                     warrant_dropout dropout) {
    for (size_t i = 0; i < rows * columns; i++)
        x[i] = (float)(x[i] * kept(dropout, dropout.site, i / columns, i % columns));
}

void warrant_adamw_reference(float *parameter, const float *gradient, float *moment1,
                             float *moment2, size_t count, warrant_adamw_step s) {
    for (size_t i = 0; i < count; i++) {
        const double g = (double)gradient[i] * s.gradient_scale;
        const double m = s.beta1 * (double)moment1[i] + (1 - (double)s.beta1) * g;
        const double v = s.beta2 * (double)moment2[i] + (1 - (double)s.beta2) * g * g;
        moment1[i] = (float)m;
        moment2[i] = (float)v;
        parameter[i] = (float)((double)parameter[i] * (1 - (double)s.learning_rate * s.weight_decay) -
                               s.learning_rate * (m / s.correction1) /
                                   (sqrt(v / s.correction2) + s.epsilon));
    }
}

static double logistic(double x) { return 1 / (1 + exp(-x)); }

void warrant_lstm_forward_reference(size_t count, size_t hidden, const int32_t *rows,
                                    const int32_t *previous, float *gates, const float *recurrent,
                                    const float *bias, float *cells, float *states,
                                    float *step_states) {
    for (size_t s = 0; s < count; s++)
        for (size_t c = 0; c < hidden; c++) {
            double sums[4];
            for (size_t gate = 0; gate < 4; gate++) {
                const size_t column = gate * hidden + c;
                float *to = gates + (size_t)rows[s] * 4 * hidden + column;
                sums[gate] = (double)*to + bias[column] +
                             (recurrent ? recurrent[s * 4 * hidden + column] : 0);
                sums[gate] = gate == 2 ? tanh(sums[gate]) : logistic(sums[gate]);
                *to = (float)sums[gate];
            }
            const double before = previous ? cells[(size_t)previous[s] * hidden + c] : 0;
            const double cell = sums[1] * before + sums[0] * sums[2];
            cells[(size_t)rows[s] * hidden + c] = (float)cell;
            states[(size_t)rows[s] * hidden + c] = (float)(sums[3] * tanh(cell));
            step_states[s * hidden + c] = states[(size_t)rows[s] * hidden + c];
        }
}

void warrant_gru_forward_reference(size_t count, size_t hidden, const int32_t *rows,
                                   const int32_t *previous, float *gates, const float *recurrent,
                                   const float *bias, float *inner, float *states,
                                   float *step_states) {
    for (size_t s = 0; s < count; s++)
        for (size_t c = 0; c < hidden; c++) {
            float *gate = gates + (size_t)rows[s] * 3 * hidden + c;
            const float *h = recurrent ? recurrent + s * 3 * hidden + c : NULL;
            const double r = logistic((double)gate[0] + bias[c] + (h ? h[0] : 0));
            const double z =
                logistic((double)gate[hidden] + bias[hidden + c] + (h ? h[hidden] : 0));
            const double q = (double)bias[2 * hidden + c] + (h ? h[2 * hidden] : 0);
            const double n = tanh(gate[2 * hidden] + r * q);
            const double before = previous ? states[(size_t)previous[s] * hidden + c] : 0;
            gate[0] = (float)r;
            gate[hidden] = (float)z;
            gate[2 * hidden] = (float)n;
            inner[(size_t)rows[s] * hidden + c] = (float)q;
            states[(size_t)rows[s] * hidden + c] = (float)((1 - z) * n + z * before);
            step_states[s * hidden + c] = states[(size_t)rows[s] * hidden + c];
        }
}
