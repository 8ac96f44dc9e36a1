// ---- events ----

inline void one(const input_t* event, output_t* result) noexcept {
  using M = Event;
  Space<M> w;
  for (int i = 0; i < n_inputs; ++i) (w.@SOURCE@)[i] = event[i];
  run<M>(w);
  for (int i = 0; i < n_outputs; ++i) result[i] = output_t((w.@RESULT@)[i]);
}

#if CODESIGN_VECTOR_BYTES > 0
inline void block(const input_t* events, output_t* results) noexcept {
  using M = Block;
  Space<M> w;
  to_columns<n_inputs>(events, w.@SOURCE@);
  run<M>(w);
  to_rows<n_outputs>(w.@RESULT@, results);
}

inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept {
  constexpr std::size_t step = Block::events;
  std::size_t done = 0;
  for (; done + step <= n; done += step) block(events + done * n_inputs, results + done * n_outputs);
  if (done == n) return;
  if (n > step) return block(events + (n - step) * n_inputs, results + (n - step) * n_outputs);  // some events again
  input_t last[step * n_inputs] = {};
  output_t own[step * n_outputs];
  std::memcpy(last, events, n * n_inputs * sizeof(input_t));
  block(last, own);
  std::memcpy(results, own, n * n_outputs * sizeof(output_t));
}
#else
inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept {
  for (std::size_t e = 0; e < n; ++e) one(events + e * n_inputs, results + e * n_outputs);
}
#endif
