// One body a kernel, compiled for each instruction set, chosen at run time.
#ifndef WARRANT_DISPATCH_H
#define WARRANT_DISPATCH_H

#include "CKernels.h"

/// Stands before a loop that reads and writes element c alone: it may run on whole vectors, also
/// where the result takes the place of an operand.
#define WARRANT_EACH _Pragma("clang loop vectorize(assume_safety)")

/// Stands before a loop whose rows may be short, such as a sentence's words: the last vector is
/// masked, so that no element is left to scalar code.
#define WARRANT_SHORT \
    _Pragma("clang loop vectorize_predicate(enable) vectorize_width(16)")

#define WARRANT_BODY static inline __attribute__((always_inline)) void

#if defined(__x86_64__)
#define WARRANT_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define WARRANT_AVX2 __attribute__((target("avx2,fma")))
/// Defines `name` from `name_body`: `parameters` and `arguments` stand in parentheses.
#define WARRANT_KERNEL(name, parameters, arguments)                        \
    WARRANT_AVX512 static void name##_avx512 parameters { name##_body arguments; } \
    WARRANT_AVX2 static void name##_avx2 parameters { name##_body arguments; }     \
    static void name##_plain parameters { name##_body arguments; }        \
    void name parameters {                                                 \
        switch (warrant_instruction_set()) {                               \
            case 2: name##_avx512 arguments; break;                        \
            case 1: name##_avx2 arguments; break;                          \
            default: name##_plain arguments; break;                        \
        }                                                                  \
    }
#else
#define WARRANT_KERNEL(name, parameters, arguments) \
    void name parameters { name##_body arguments; }
#endif

#endif
