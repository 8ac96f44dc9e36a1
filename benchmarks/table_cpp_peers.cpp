// Predictors of tree ensembles behind one signature, and a loop that times it. Each is compiled where its macro is defined.
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#define EXPORTED extern "C" __attribute__((visibility("default")))
using Run = void (*)(const void* events, void* scores, std::size_t n);

static double cpu_ns() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e9 * double(now.tv_sec) + double(now.tv_nsec);
}

// CPU time of all events in calls of `batch`.
EXPORTED double time_calls(Run run, const char* events, std::size_t event_bytes, char* scores, std::size_t score_bytes, std::size_t n, std::size_t batch) {
  const double start = cpu_ns();
  for (std::size_t at = 0; at + batch <= n; at += batch) run(events + at * event_bytes, scores + at * score_bytes, batch);
  return cpu_ns() - start;
}

#ifdef WITH_XGBOOST
extern "C" {
int XGBoosterCreate(void* const*, unsigned long, void**);
int XGBoosterLoadModel(void*, const char*);
int XGBoosterSetParam(void*, const char*, const char*);
int XGProxyDMatrixCreate(void**);
int XGBoosterPredictFromDense(void*, const char*, const char*, void*, const unsigned long**, unsigned long*, const float**);
}
static void *xgboost_model, *xgboost_proxy;
static float xgboost_event[N_FEATURES];
static std::string xgboost_one;

static std::string xgboost_array(const void* data, std::size_t n) {
  char text[200];
  std::snprintf(text, sizeof text, R"({"data": [%zu, true], "shape": [%zu, %d], "typestr": "<f4", "version": 3})",
                reinterpret_cast<std::size_t>(data), n, N_FEATURES);
  return text;
}
EXPORTED int xgboost_load(const char* path) {
  const int failed = XGBoosterCreate(nullptr, 0, &xgboost_model) || XGBoosterLoadModel(xgboost_model, path) ||
                     XGBoosterSetParam(xgboost_model, "nthread", "1") || XGProxyDMatrixCreate(&xgboost_proxy);
  xgboost_one = xgboost_array(xgboost_event, 1);
  return failed;
}
EXPORTED void xgboost_run(const void* events, void* scores, std::size_t n) {
  static const char* const config =
      R"({"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0, "missing": NaN, "strict_shape": false})";
  const unsigned long* shape;
  unsigned long rank;
  const float* found;
  if (n == 1) std::memcpy(xgboost_event, events, sizeof xgboost_event);
  const std::string array = n == 1 ? std::string() : xgboost_array(events, n);
  XGBoosterPredictFromDense(xgboost_model, n == 1 ? xgboost_one.c_str() : array.c_str(), config, xgboost_proxy, &shape, &rank, &found);
  std::memcpy(scores, found, n * N_CLASSES * sizeof(float));
}
#endif

#ifdef WITH_LIGHTGBM
extern "C" {
int LGBM_BoosterCreateFromModelfile(const char*, int*, void**);
int LGBM_BoosterPredictForMat(void*, const void*, int, int, int, int, int, int, int, const char*, long long*, double*);
int LGBM_BoosterPredictForMatSingleRowFastInit(void*, int, int, int, int, int, const char*, void**);
int LGBM_BoosterPredictForMatSingleRowFast(void*, const void*, long long*, double*);
}
static void *lightgbm_model, *lightgbm_fast;
static constexpr int lightgbm_float = 0, lightgbm_raw = 1;

EXPORTED int lightgbm_load(const char* path) {
  int rounds;
  return LGBM_BoosterCreateFromModelfile(path, &rounds, &lightgbm_model) ||
         LGBM_BoosterPredictForMatSingleRowFastInit(lightgbm_model, lightgbm_raw, 0, -1, lightgbm_float, N_FEATURES, "num_threads=1", &lightgbm_fast);
}
EXPORTED void lightgbm_run(const void* events, void* scores, std::size_t n) {
  long long size;
  double* found = static_cast<double*>(scores);
  if (n == 1) LGBM_BoosterPredictForMatSingleRowFast(lightgbm_fast, events, &size, found);
  else LGBM_BoosterPredictForMat(lightgbm_model, events, lightgbm_float, int(n), N_FEATURES, 1, lightgbm_raw, 0, -1, "num_threads=1", &size, found);
}
#endif

#ifdef WITH_CONIFER
#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include "conifer.h"
static std::unique_ptr<conifer::BDT<conifer::ConiferConfiguration>> conifer_model;

EXPORTED int conifer_load(const char* path) {
  conifer_model = std::make_unique<conifer::BDT<conifer::ConiferConfiguration>>(path);
  return 0;
}
EXPORTED void conifer_run(const void* events, void* scores, std::size_t n) {
  const float* x = static_cast<const float*>(events);
  float* y = static_cast<float*>(scores);
  for (std::size_t e = 0; e < n; ++e) {
    const auto found = conifer_model->decision_function(std::vector<float>(x + e * N_FEATURES, x + (e + 1) * N_FEATURES));
    std::memcpy(y + e * N_CLASSES, found.data(), N_CLASSES * sizeof(float));
  }
}
#endif

#ifdef WITH_TREELITE
union Entry {
  int missing;
  float fvalue;
  int qvalue;
};
extern "C" void predict(union Entry* data, int pred_margin, float* result);

EXPORTED void treelite_run(const void* events, void* scores, std::size_t n) {
  const float* x = static_cast<const float*>(events);
  float* y = static_cast<float*>(scores);
  for (std::size_t e = 0; e < n; ++e) {
    Entry event[N_FEATURES];  // a copy: the generated code writes to it
    std::memcpy(event, x + e * N_FEATURES, sizeof event);
    predict(event, 1, y + e * N_CLASSES);
  }
}
#endif

#ifdef WITH_LLEAVES
extern "C" void forest_root(const float* data, float* results, int start, int end);

EXPORTED void lleaves_run(const void* events, void* scores, std::size_t n) {
  forest_root(static_cast<const float*>(events), static_cast<float*>(scores), 0, int(n));
}
#endif
