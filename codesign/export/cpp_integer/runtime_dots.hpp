// ---- dense layers, one event after the other: dot products of four bytes, or of two words, for each lane of outputs ----

#if CODESIGN_VECTOR_BYTES > 0

inline constexpr int wide = lanes<std::int32_t>;
using Wide = Vector<std::int32_t, wide>;

#if defined(__AVX512VNNI__) && CODESIGN_VECTOR_BYTES == 64
#define CODESIGN_DOT_BYTES(sum, x, w) Wide(_mm512_dpbusd_epi32(__m512i(sum), __m512i(x), __m512i(w)))
#elif defined(__AVXVNNI__) && CODESIGN_VECTOR_BYTES == 32
#define CODESIGN_DOT_BYTES(sum, x, w) Wide(_mm256_dpbusd_avx_epi32(__m256i(sum), __m256i(x), __m256i(w)))
#endif

#ifdef CODESIGN_DOT_BYTES
inline constexpr bool has_bytes = true;
#else
inline constexpr bool has_bytes = false;
#endif

// Integers in a group, and their types.
template <class Layer>
inline constexpr int group = Layer::is_bytes && has_bytes ? 4 : 2;
template <int G>
using Code = std::conditional_t<G == 4, std::uint8_t, std::int16_t>;
template <int G>
using Weight = std::conditional_t<G == 4, std::int8_t, std::int16_t>;

template <class T, class S>
CODESIGN_INLINE T load(const S* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

CODESIGN_INLINE Wide larger(Wide a, Wide b) noexcept { return a < b ? b : a; }
CODESIGN_INLINE Wide smaller(Wide a, Wide b) noexcept { return a < b ? a : b; }
CODESIGN_INLINE Wide larger(Wide a, std::int32_t b) noexcept { return larger(a, Wide{} + b); }
CODESIGN_INLINE Wide smaller(Wide a, std::int32_t b) noexcept { return smaller(a, Wide{} + b); }

// The lowest 32 - dropped bits of numbers with a sign.
template <class C>
CODESIGN_INLINE Wide kept(Wide v, C dropped) noexcept {
  return Wide(Vector<std::uint32_t, wide>(v) << dropped) >> dropped;
}

// v / 2^shift to the nearest, ties to even; v where the shift is 0.
template <class C>
CODESIGN_INLINE Wide half_even_of(Wide v, C shift) noexcept {
  const Wide bits = Wide{} + shift, is_shifted = bits > 0 ? Wide{} + 1 : Wide{};
  const Wide half = (is_shifted << larger(bits - 1, 0)) - is_shifted;
  return (v + ((v >> bits) & is_shifted) + half) >> bits;
}

// sum += w x, for the lanes' own weights and one group of an event.
template <int G>
CODESIGN_INLINE Wide dot(Wide sum, std::int32_t x, Wide w) noexcept {
#ifdef CODESIGN_DOT_BYTES
  if constexpr (G == 4) return CODESIGN_DOT_BYTES(sum, (Wide{} + x), w);
#endif
#if defined(__AVX512VNNI__) && CODESIGN_VECTOR_BYTES == 64
  return Wide(_mm512_dpwssd_epi32(__m512i(sum), __m512i(Wide{} + x), __m512i(w)));
#elif CODESIGN_VECTOR_BYTES == 64
  return sum + Wide(_mm512_madd_epi16(__m512i(Wide{} + x), __m512i(w)));
#elif CODESIGN_VECTOR_BYTES == 32
  return sum + Wide(_mm256_madd_epi16(__m256i(Wide{} + x), __m256i(w)));
#elif defined(__SSE2__)
  return sum + Wide(_mm_madd_epi16(__m128i(Wide{} + x), __m128i(w)));
#else
  const std::int32_t low = std::int16_t(x), high = x >> 16;
  return sum + (w >> 16) * high + (Wide(Vector<std::uint32_t, wide>(w) << 16) >> 16) * low;
#endif
}

// Weights as they are loaded: for each group of inputs, vectors of outputs, in each lane the weights of the group.
template <class Layer>
struct Packed {
  static constexpr int G = group<Layer>, groups = (Layer::n_in + G - 1) / G, vectors = (Layer::n_out + wide - 1) / wide;
  alignas(64) Weight<G> weights[groups * vectors * wide * G];
  alignas(64) std::int32_t biases[vectors * wide];

  template <class W, class B>
  constexpr Packed(const W* weight, const B* bias) noexcept : weights(), biases() {
    for (int u = 0; u < Layer::n_out; ++u) {
      biases[u] = std::int32_t(bias[u]);
      for (int i = 0; i < Layer::n_in; ++i)
        weights[((i / G * vectors + u / wide) * wide + u % wide) * G + i % G] = Weight<G>(weight[u * Layer::n_in + i]);
    }
  }
};

// Values of an event between layers.
template <class Layer>
inline constexpr int row = Packed<Layer>::vectors * wide;

// U vectors of outputs of E events: E * U sums stay in registers.
template <class Layer, int E, int U, int Stride, class X, class Store>
CODESIGN_INLINE void tile(const X* x, const Packed<Layer>& packed, int first, Store store) noexcept {
  using P = Packed<Layer>;
  Wide sum[E][U];
  CODESIGN_UNROLL
  for (int u = 0; u < U; ++u) {
    const Wide bias = load<Wide>(packed.biases + (first + u) * wide);
    CODESIGN_UNROLL
    for (int e = 0; e < E; ++e) sum[e][u] = bias;
  }
  const Weight<P::G>* weight = packed.weights + first * wide * P::G;
  for (int g = 0; g < P::groups; ++g, weight += P::vectors * wide * P::G) {
    Wide own[U];
    CODESIGN_UNROLL
    for (int u = 0; u < U; ++u) own[u] = load<Wide>(weight + u * wide * P::G);
    CODESIGN_UNROLL
    for (int e = 0; e < E; ++e) {
      const auto value = load<std::int32_t>(x + e * Stride + g * P::G);
      CODESIGN_UNROLL
      for (int u = 0; u < U; ++u) sum[e][u] = dot<P::G>(sum[e][u], value, own[u]);
    }
  }
  CODESIGN_UNROLL
  for (int e = 0; e < E; ++e) {
    CODESIGN_UNROLL
    for (int u = 0; u < U; ++u) store(e, first + u, Layer::finish(sum[e][u], (first + u) * wide));
  }
}

// Events of a tile, so that sums, weights and a value fit in 32 or 16 registers.
template <int U, int N>
inline constexpr int tile_events = N == 1 ? 1 : CODESIGN_VECTOR_BYTES < 64 ? (U == 1 ? N < 12 ? N : 12 : 6) : U == 1 ? (N < 24 ? N : 24)
                                              : U == 2 ? (N < 12 ? N : 12) : U == 3 ? (N < 8 ? N : 8) : 6;

template <class Layer, int N, int U, int Stride, class X, class Store>
CODESIGN_INLINE void vectors_of(const X* x, const Packed<Layer>& packed, int first, Store store) noexcept {
  constexpr int E = tile_events<U, N>;
  static_assert(N % E == 0);
  for (int e = 0; e < N; e += E)
    tile<Layer, E, U, Stride>(x + e * Stride, packed, first, [&](int own, int u, Wide value) { store(e + own, u, value); });
}

template <class Layer, int N, int Stride, class X, class Store>
CODESIGN_INLINE void layer(const X* x, const Packed<Layer>& packed, Store store) noexcept {
  constexpr int all = Packed<Layer>::vectors, U = CODESIGN_VECTOR_BYTES < 64 ? 2 : 4;
  for (int first = 0; first + U <= all; first += U) vectors_of<Layer, N, U, Stride>(x, packed, first, store);
  if constexpr (all % U > 0) vectors_of<Layer, N, all % U, Stride>(x, packed, all / U * U, store);
}

// To the next layer's inputs.
template <class Layer, class Next, int N, int Stride, class X>
CODESIGN_STEP void between(const X* x, const Packed<Layer>& packed, Code<group<Next>>* y) noexcept {
  layer<Layer, N, Stride>(x, packed, [&](int e, int u, Wide value) {
    const auto stored = __builtin_convertvector(value, Vector<Code<group<Next>>, wide>);
    std::memcpy(y + e * row<Layer> + u * wide, &stored, sizeof stored);
  });
}

// To the outputs.
template <class Layer, int N, int Stride, class X>
CODESIGN_STEP void last(const X* x, const Packed<Layer>& packed, output_t* results) noexcept {
  layer<Layer, N, Stride>(x, packed, [&](int e, int u, Wide value) {
    constexpr int all = Layer::n_out;
    if ((u + 1) * wide <= all) std::memcpy(results + e * all + u * wide, &value, sizeof value);
    else std::memcpy(results + e * all + u * wide, &value, (all % wide) * sizeof(output_t));
  });
}

// Codes of the inputs, with offsets that make bytes of them, in rows of whole groups.
template <int N, int Stride, class C, class Offset>
CODESIGN_STEP void first_rows(const input_t* events, C* x, Offset offset) noexcept {
  constexpr int chunk = CODESIGN_VECTOR_BYTES / 4;
  using Words = Vector<std::int16_t, chunk>;
  const auto some = [&](int e, int i) {
    const Words codes = load<Words>(events + e * n_inputs + i) + offset(i, Words{});
    const auto stored = __builtin_convertvector(codes, Vector<C, chunk>);
    std::memcpy(x + e * Stride + i, &stored, sizeof stored);
  };
  for (int e = 0; e < N; ++e) {
    for (int i = n_inputs; i < Stride; ++i) x[e * Stride + i] = 0;
    if constexpr (n_inputs >= chunk) {
      for (int i = 0; i + chunk <= n_inputs; i += chunk) some(e, i);
      if constexpr (n_inputs % chunk > 0) some(e, n_inputs - chunk);
    } else {
      for (int i = 0; i < n_inputs; ++i) x[e * Stride + i] = C(events[e * n_inputs + i] + offset(i, std::int16_t(0)));
    }
  }
}
#endif
