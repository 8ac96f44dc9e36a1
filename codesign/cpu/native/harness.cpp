// harness EVENTS INPUTS OUTPUTS THREADS X Y MODEL LIBRARY NAME...: sets the runtime up, writes the outputs of one call to the file Y and
// prints "ready"; then reads numbers of calls, one per line, and prints the seconds of wall and of CPU time that so many calls took.
// CPU time is that of all threads of this process.
#include <time.h>

#include "runtime.hpp"

static double seconds(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

static float* aligned(std::size_t count) {
    return static_cast<float*>(std::aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64));
}

static bool exchange(const char* path, const char* mode, float* values, std::size_t count) {
    std::FILE* file = std::fopen(path, mode);
    if (!file) return false;
    const std::size_t done = mode[0] == 'r' ? std::fread(values, sizeof(float), count, file) : std::fwrite(values, sizeof(float), count, file);
    return std::fclose(file) == 0 && done == count;
}

int main(int count, char** words) {
    if (count < 9) return 2;
    Task task{std::atol(words[1]), std::atoi(words[2]), std::atoi(words[3]), std::atoi(words[4]), nullptr, nullptr, words[7], words[8], words + 9};
    const std::size_t n_x = std::size_t(task.events) * std::size_t(task.n_inputs), n_y = std::size_t(task.events) * std::size_t(task.n_outputs);
    task.x = aligned(n_x);
    task.y = aligned(n_y);
    if (!task.x || !task.y || !exchange(words[5], "rb", task.x, n_x)) return 2;
    runtime_setup(&task);
    runtime_call();
    runtime_fetch();
    if (!exchange(words[6], "wb", task.y, n_y)) return 2;
    std::puts("ready");
    std::fflush(stdout);
    for (long calls; std::scanf("%ld", &calls) == 1;) {
        const double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        for (long call = 0; call < calls; ++call) runtime_call();
        const double cpu_end = seconds(CLOCK_PROCESS_CPUTIME_ID), wall_end = seconds(CLOCK_MONOTONIC);
        std::printf("%.9g %.9g\n", wall_end - wall, cpu_end - cpu);
        std::fflush(stdout);
    }
    return 0;
}
