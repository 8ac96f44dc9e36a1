#if !(defined(__GNUC__) || defined(__clang__)) || defined(CODESIGN_FORCE_SCALAR)
#define CODESIGN_TARGET scalar
#define CODESIGN_VECTOR_BYTES 0
#elif defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#if defined(__AVX512VNNI__)
#define CODESIGN_TARGET avx512_vnni
#else
#define CODESIGN_TARGET avx512
#endif
#define CODESIGN_VECTOR_BYTES 64
#elif defined(__AVX2__)
#if defined(__AVXVNNI__)
#define CODESIGN_TARGET avx2_vnni
#else
#define CODESIGN_TARGET avx2
#endif
#define CODESIGN_VECTOR_BYTES 32
#elif defined(__SSE2__)
#define CODESIGN_TARGET sse2
#define CODESIGN_VECTOR_BYTES 16
#else
#define CODESIGN_TARGET vectors
#define CODESIGN_VECTOR_BYTES 16
#endif
#if CODESIGN_VECTOR_BYTES > 0 && (defined(__AVX512BW__) || defined(__AVX2__) || defined(__SSE2__))
#include <immintrin.h>
#endif
