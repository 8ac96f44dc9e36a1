// ---- rows of events to columns of lanes, and back ----

#if CODESIGN_VECTOR_BYTES > 0
template <int N>
CODESIGN_INLINE void to_columns(const input_t* rows, input_t* columns) noexcept {
  for (int i = 0; i < N; ++i)
    for (int e = 0; e < Block::events; ++e) columns[i * Block::events + e] = rows[e * N + i];
}

template <int N, class S>
CODESIGN_INLINE void to_rows(const S* columns, output_t* rows) noexcept {
  for (int e = 0; e < Block::events; ++e)
    for (int i = 0; i < N; ++i) rows[e * N + i] = output_t(columns[i * Block::events + e]);
}
#endif
