// ---- rows of events to columns of lanes, and back ----

#if CODESIGN_VECTOR_BYTES > 0

#if defined(__SSE2__)
#if CODESIGN_VECTOR_BYTES == 64  // with masks: GCC 12 warns of those without
#define CODESIGN_UNPACK(side, bits, a, b) _mm512_maskz_unpack##side##_epi##bits(decltype(_mm512_movepi##bits##_mask(a))(-1), a, b)
using Raw = __m512i;
#elif CODESIGN_VECTOR_BYTES == 32
#define CODESIGN_UNPACK(side, bits, a, b) _mm256_unpack##side##_epi##bits(a, b)
using Raw = __m256i;
#else
#define CODESIGN_UNPACK(side, bits, a, b) _mm_unpack##side##_epi##bits(a, b)
using Raw = __m128i;
#endif

// Eight integers of event 0 in the first 16 bytes, of event 8 in the next, and so on.
CODESIGN_INLINE Raw eight_rows(const std::int16_t* row, int stride) noexcept {
  const auto load = [&](int part) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + part * 8 * stride)); };
#if CODESIGN_VECTOR_BYTES == 64
  Raw vector = _mm512_maskz_broadcast_i32x4(0xffff, load(0));
  vector = _mm512_mask_broadcast_i32x4(vector, 0x00f0, load(1));
  vector = _mm512_mask_broadcast_i32x4(vector, 0x0f00, load(2));
  return _mm512_mask_broadcast_i32x4(vector, 0xf000, load(3));
#elif CODESIGN_VECTOR_BYTES == 32
  return _mm256_inserti128_si256(_mm256_castsi128_si256(load(0)), load(1), 1);
#else
  (void)stride;
  return load(0);
#endif
}

// Eight columns, the first at `columns`, of eight integers of every event's row.
CODESIGN_INLINE void eight_columns(const std::int16_t* rows, int stride, std::int16_t* columns) noexcept {
  Raw v[8], a[8], b[8];
  for (int j = 0; j < 8; ++j) v[j] = eight_rows(rows + j * stride, stride);
  for (int j = 0; j < 4; ++j) {
    a[2 * j] = CODESIGN_UNPACK(lo, 16, v[2 * j], v[2 * j + 1]);
    a[2 * j + 1] = CODESIGN_UNPACK(hi, 16, v[2 * j], v[2 * j + 1]);
  }
  for (int half = 0; half < 2; ++half)
    for (int j = 0; j < 2; ++j) {
      b[4 * half + 2 * j] = CODESIGN_UNPACK(lo, 32, a[4 * half + j], a[4 * half + j + 2]);
      b[4 * half + 2 * j + 1] = CODESIGN_UNPACK(hi, 32, a[4 * half + j], a[4 * half + j + 2]);
    }
  for (int j = 0; j < 4; ++j) {
    const Raw low = CODESIGN_UNPACK(lo, 64, b[j], b[j + 4]), high = CODESIGN_UNPACK(hi, 64, b[j], b[j + 4]);
    std::memcpy(columns + 2 * j * Block::events, &low, sizeof low);
    std::memcpy(columns + (2 * j + 1) * Block::events, &high, sizeof high);
  }
}
#undef CODESIGN_UNPACK
#endif

template <int N, class S>
CODESIGN_STEP void to_columns(const S* rows, S* columns) noexcept {
#if defined(__SSE2__)
  if constexpr (N >= 8 && sizeof(S) == 2) {
    constexpr int step = lanes<std::int16_t>;
    for (int e = 0; e < Block::events; e += step, rows += step * N, columns += step) {
      for (int i = 0; i + 8 <= N; i += 8) eight_columns(rows + i, N, columns + i * Block::events);
      if constexpr (N % 8 > 0) eight_columns(rows + N - 8, N, columns + (N - 8) * Block::events);  // some again
    }
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
