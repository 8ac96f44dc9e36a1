// ---- vectors: one source for SSE, AVX, AVX-512 and others; plain floats where the compiler knows no vectors ----

#if (defined(__GNUC__) || defined(__clang__)) && !defined(CODESIGN_FORCE_SCALAR)
#define CODESIGN_VECTORS 1
#define CODESIGN_INLINE inline __attribute__((always_inline))
#define CODESIGN_RARE inline __attribute__((noinline, cold))
#else
#define CODESIGN_VECTORS 0
#define CODESIGN_INLINE inline
#define CODESIGN_RARE inline
#endif

#if defined(__clang__)
#define CODESIGN_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define CODESIGN_UNROLL _Pragma("GCC unroll 16")
#else
#define CODESIGN_UNROLL
#endif

#if !CODESIGN_VECTORS
inline constexpr int widest = 1;
#elif defined(__AVX512F__)
inline constexpr int widest = 16;
#elif defined(__AVX__)
inline constexpr int widest = 8;
#else
inline constexpr int widest = 4;
#endif

// Vectors of events that one weight is loaded for: as many as the registers hold beside six units.
inline constexpr int batch_vectors = widest == 16 ? 4 : 2;
inline constexpr int tile_units = 6;

template <int N>
struct Lanes {
#if CODESIGN_VECTORS
  typedef float type __attribute__((vector_size(4 * N)));
  typedef std::uint32_t bits __attribute__((vector_size(4 * N)));
#endif
};
template <>
struct Lanes<1> {
  typedef float type;
  typedef std::uint32_t bits;
};
template <int N>
using Vector = typename Lanes<N>::type;
using Wide = Vector<widest>;

template <class F>
CODESIGN_INLINE F load(const float* from) noexcept {
  F vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

template <class F>
CODESIGN_INLINE void store(float* to, F vector) noexcept {
  std::memcpy(to, &vector, sizeof vector);
}

// Maximum and minimum that pass a NaN in x on.
template <class F>
CODESIGN_INLINE F at_least(F low, F x) noexcept {
  return low > x ? low : x;
}

template <class F>
CODESIGN_INLINE F at_most(F high, F x) noexcept {
  return high < x ? high : x;
}

#if CODESIGN_VECTORS && defined(__AVX512F__)
CODESIGN_INLINE Wide at_least(Wide low, Wide x) noexcept { return _mm512_maskz_max_ps(0xffff, low, x); }
CODESIGN_INLINE Wide at_most(Wide high, Wide x) noexcept { return _mm512_maskz_min_ps(0xffff, high, x); }
#endif

// 2^x = 2^n 2^f: n is x rounded, by adding 1.5 * 2^23, which also leaves the biased exponent in the lowest bits of the sum.
// To 3e-7 relative; 0 from -127 down, inf from 128 up, NaN for NaN.
template <class F>
CODESIGN_INLINE F power_of_two(F x) noexcept {
  typedef typename Lanes<int(sizeof(F) / 4)>::bits Bits;
  const F magic = F{} + 12583039.0f;  // 1.5 * 2^23 + 127
  const F inside = at_most(F{} + 128.0f, at_least(F{} - 127.0f, x));
  const F shifted = inside + magic;
  const F f = inside - (shifted - magic);
  F power = f * 1.32647271e-3f + 9.67151265e-3f;
  power = power * f + 5.55073374e-2f;
  power = power * f + 0.240222421f;
  power = power * f + 0.693146978f;
  power = power * f + 1.0f;
  Bits bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = bits << 23;
  F scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return power * scale;
}

#if CODESIGN_VECTORS && defined(__AVX512F__) && defined(__AVX512DQ__)
// 2^(k / 16), times what halves the largest error of the parabola below.
alignas(64) inline constexpr float sixteenths[16] = {
    1.00000048f, 1.04427421f, 1.09050822f, 1.13878906f, 1.18920767f, 1.24185836f, 1.29684007f, 1.35425615f,
    1.41421413f, 1.47682679f, 1.54221153f, 1.61049104f, 1.68179357f, 1.75625288f, 1.83400881f, 1.91520739f};

// To 5e-7 relative, for any x. f is what x exceeds a sixteenth by; the sum's lowest four bits count the sixteenths.
CODESIGN_INLINE Wide power_of_two(Wide x) noexcept {
  const __m512 shifted = _mm512_maskz_add_round_ps(0xffff, x, _mm512_set1_ps(786432.0f), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  const Wide f = _mm512_maskz_reduce_ps(0xffff, x, 4 << 4 | _MM_FROUND_TO_NEG_INF);
  const __m512 root = _mm512_maskz_permutexvar_ps(0xffff, _mm512_castps_si512(shifted), _mm512_load_ps(sixteenths));
  const Wide scale = _mm512_maskz_scalef_ps(0xffff, root, x);
  return ((0.245477081f * f + 0.693024051f) * f + 1.0f) * scale;
}
#endif

struct Linear {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return x;
  }
};

struct Relu {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return at_least(F{}, x);
  }
};

// The weights before a sigmoid carry -log2(e), before a tanh -2 log2(e).
struct Sigmoid {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return 1.0f / (1.0f + power_of_two(x));
  }
  template <class F>
  static CODESIGN_INLINE F times(float weight, F x) noexcept {
    return weight / (1.0f + power_of_two(x));
  }
};

struct Tanh {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return 2.0f / (1.0f + power_of_two(x)) - 1.0f;
  }
  template <class F>
  static CODESIGN_INLINE F times(float weight, F x) noexcept {
    return weight * apply(x);
  }
};
