// What a picture shows of large arrays: traces and events reduced to its pixels, histograms, cells of a heat map.
//
// A picture of `columns` pixel columns can't show more than the first, smallest, largest and last value of a trace in each, and
// at which channels there are events. What is reduced here draws the same pixels as all the data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rockpool {

/// A line: points in order, a NaN in y where it is broken.
struct PlotTrace {
  std::vector<double> x, y;
};

/// Reads one channel of row-major samples.
struct PlotSamples {
  std::span<const double> times;    // not decreasing
  std::span<const double> samples;  // times x channels
  std::size_t channels = 1;
  std::size_t channel = 0;
  double offset = 0;  // added to every value
};

/// The trace between `from` and `to`, and one more sample on each side, so that the line reaches the edge. Up to four samples
/// for each column are kept as they are; of more, each column keeps its first, smallest, largest and last. Values that are not
/// finite break the line.
PlotTrace reduce_trace(const PlotSamples& in, double from, double to, std::size_t columns);

/// Events on a grid of columns in time and rows of channels. Marks when they are few, counts of the cells otherwise.
struct PlotEvents {
  std::vector<double> times, channels;  // marks: the first event of each cell
  std::vector<double> counts;           // rows x columns, row 0 for the lowest channels; empty when there are marks
  std::size_t rows = 0;
};

struct PlotEventGrid {
  double from = 0, to = 0;       // events outside are left out
  std::size_t columns = 0;       // of the picture
  std::size_t num_channels = 0;  // channels of events must be below
  std::size_t max_rows = 0;      // channels share rows when there are more of them
  std::size_t max_marks = 0;
};

PlotEvents reduce_events(std::span<const double> times, std::span<const std::int32_t> channels, const PlotEventGrid& grid);

/// The part of a plane that a picture shows, and where.
struct PlotFrame {
  double x_from = 0, x_to = 0, y_from = 0, y_to = 0;  // values
  double left = 0, top = 0, width = 0, height = 0;    // pixels; y grows upwards in values, downwards in pixels
};

/// Of points that fall on the same of `columns` x `rows` cells the first; none outside the frame or not finite.
PlotTrace reduce_points(std::span<const double> x, std::span<const double> y, const PlotFrame& frame, std::size_t columns,
                        std::size_t rows);

/// A vertical mark of `size` pixels at each point within the frame, as the data of an SVG path, in tenths of a pixel.
std::string marks_path(std::span<const double> x, std::span<const double> y, const PlotFrame& frame, double size);

struct FiniteLimits {
  double smallest = 0, largest = 0;
  std::size_t count = 0;  // of finite values; the limits are 0 without any
};
FiniteLimits finite_limits(std::span<const double> values);

/// counts[i] = how many values are in [lo + i w, lo + (i + 1) w), w = (hi - lo) / counts.size(); the last bin includes hi.
/// Returns how many values were in none of them.
std::size_t histogram(std::span<const double> values, double lo, double hi, std::span<double> counts);

/// Each of out_rows x out_columns blocks of a matrix: its element of largest magnitude, NaN only where it has no other.
/// There must not be more blocks than rows or columns.
void reduce_matrix(std::span<const double> matrix, std::size_t rows, std::size_t columns, std::size_t out_rows,
                   std::size_t out_columns, std::span<double> out);

struct CsrSpan;
/// The same of compressed rows, where what is not stored is 0.
void reduce_csr(const CsrSpan& matrix, std::size_t out_rows, std::size_t out_columns, std::span<double> out);

struct PlotPaint {
  double lo = 0, hi = 0;              // the values of the first and the last colour
  bool logarithmic = false;           // colours by the logarithms of positive values; others have none
  bool upwards = false;               // row 0 is at the bottom
  std::size_t width = 0, height = 0;  // pixels
};

/// Paints cells as the lines of a PNG image of colour numbers, each with its leading filter byte 0: values from lo to hi become
/// 1 to 255, NaN 0.
void paint_cells(std::span<const double> cells, std::size_t rows, std::size_t columns, const PlotPaint& paint,
                 std::span<std::uint8_t> lines);

}  // namespace rockpool
