// ---- rows of events to columns of lanes, and back ----

#if CODESIGN_VECTOR_BYTES > 0

#if defined(__SSE2__)
#if CODESIGN_VECTOR_BYTES == 64
#define CODESIGN_INTRINSIC(name) _mm512_##name
using Raw = __m512i;
#elif CODESIGN_VECTOR_BYTES == 32
#define CODESIGN_INTRINSIC(name) _mm256_##name
using Raw = __m256i;
#else
#define CODESIGN_INTRINSIC(name) _mm_##name
using Raw = __m128i;
#endif

// Eight integers of event 0 in the first 16 bytes, of event 8 in the next, and so on.
CODESIGN_INLINE Raw eight_rows(const std::int16_t* row, int stride) noexcept {
  const auto load = [&](int part) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + part * 8 * stride)); };
#if CODESIGN_VECTOR_BYTES == 16
  (void)stride;
  return load(0);
#else
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(load(0)), load(1), 1);
#if CODESIGN_VECTOR_BYTES == 32
  return low;
#else
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(load(2)), load(3), 1);
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
#endif
#endif
}

// Eight columns, the first at `columns`, of eight integers of every event's row.
CODESIGN_INLINE void eight_columns(const std::int16_t* rows, int stride, std::int16_t* columns) noexcept {
  Raw v[8], a[8], b[8];
  for (int j = 0; j < 8; ++j) v[j] = eight_rows(rows + j * stride, stride);
  for (int j = 0; j < 4; ++j) {
    a[2 * j] = CODESIGN_INTRINSIC(unpacklo_epi16)(v[2 * j], v[2 * j + 1]);
    a[2 * j + 1] = CODESIGN_INTRINSIC(unpackhi_epi16)(v[2 * j], v[2 * j + 1]);
  }
  for (int half = 0; half < 2; ++half)
    for (int j = 0; j < 2; ++j) {
      b[4 * half + 2 * j] = CODESIGN_INTRINSIC(unpacklo_epi32)(a[4 * half + j], a[4 * half + j + 2]);
      b[4 * half + 2 * j + 1] = CODESIGN_INTRINSIC(unpackhi_epi32)(a[4 * half + j], a[4 * half + j + 2]);
    }
  for (int j = 0; j < 4; ++j) {
    const Raw low = CODESIGN_INTRINSIC(unpacklo_epi64)(b[j], b[j + 4]), high = CODESIGN_INTRINSIC(unpackhi_epi64)(b[j], b[j + 4]);
    std::memcpy(columns + 2 * j * Block::events, &low, sizeof low);
    std::memcpy(columns + (2 * j + 1) * Block::events, &high, sizeof high);
  }
}
#undef CODESIGN_INTRINSIC
#endif

template <int N>
CODESIGN_STEP void to_columns(const input_t* rows, input_t* columns) noexcept {
#if defined(__SSE2__)
  if constexpr (N >= 8 && sizeof(input_t) == 2) {
    for (int i = 0; i + 8 <= N; i += 8) eight_columns(rows + i, N, columns + i * Block::events);
    if constexpr (N % 8 > 0) eight_columns(rows + N - 8, N, columns + (N - 8) * Block::events);  // some again
    return;
  }
#endif
  for (int i = 0; i < N; ++i)
    for (int e = 0; e < Block::events; ++e) columns[i * Block::events + e] = rows[e * N + i];
}

template <int N, class S>
CODESIGN_STEP void to_rows(const S* columns, output_t* rows) noexcept {
  for (int e = 0; e < Block::events; ++e)
    for (int i = 0; i < N; ++i) rows[e * N + i] = output_t(columns[i * Block::events + e]);
}
#endif
