// ---- events ----

inline void one(const input_t* event, output_t* result) noexcept {
#if CODESIGN_VECTOR_BYTES > 0 && CODESIGN_DOTS
  rows<1>(event, result);
#else
  using M = Event;
  Space<M> w;
  for (int i = 0; i < n_inputs; ++i) (w.@SOURCE@)[i] = event[i];
  run<M>(w);
  for (int i = 0; i < n_outputs; ++i) result[i] = output_t((w.@RESULT@)[i]);
#endif
}

inline void one_by_one(const input_t* events, output_t* results, std::size_t n) noexcept {
  for (std::size_t e = 0; e < n; ++e) one(events + e * n_inputs, results + e * n_outputs);
}
