// Tables of numbers as text.
#include "rockpool/csv.h"

#include <cstring>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/events.h"
#include "run_results.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

using rockpool::CsvForm;
using rockpool::CsvPosition;
using rockpool::CsvRows;

char character(const Args& args, std::size_t i, const char* name) {
  const auto code = args.size(i, name);
  if (code > 127) rockpool::throw_range(name, "the code of an ASCII character", rockpool::to_text(code));
  return static_cast<char>(code);
}

// csvHead(bytes, separator, comment, header) -> { names, columns, offset, line, separator, comments }
Napi::Value csv_head(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto env = info.Env();
  const auto header = args.size(3, "header");
  if (header > 2) rockpool::throw_range("header", "from 0 to 2", rockpool::to_text(header));
  const auto head = rockpool::read_csv_head(args.array<std::uint8_t>(0, "bytes"),
                                            {character(args, 1, "separator"), character(args, 2, "comment")},
                                            static_cast<rockpool::CsvHeader>(header));
  auto names = Napi::Array::New(env, head.names.size());
  for (std::size_t i = 0; i < head.names.size(); ++i)
    names.Set(static_cast<std::uint32_t>(i), Napi::String::New(env, head.names[i]));
  auto result = Napi::Object::New(env);
  result.Set("names", names);
  result.Set("columns", static_cast<double>(head.columns));
  result.Set("offset", static_cast<double>(head.offset));
  result.Set("line", static_cast<double>(head.line));
  result.Set("separator", Napi::Number::New(env, head.syntax.separator));
  result.Set("comments", Napi::String::New(env, head.comments));
  return result;
}

/// The arguments of csvRows from the second on.
struct RowsArgs {
  bool last;
  CsvForm form;
  CsvPosition position;

  explicit RowsArgs(const Args& args) : last(args.boolean(1, "last")) {
    form.syntax = {character(args, 2, "separator"), character(args, 3, "comment")};
    form.roles = args.copy<std::int32_t>(4, "roles");
    form.missing_is_nan = args.boolean(5, "missingIsNan");
    form.events = args.boolean(6, "events");
    form.time_unit = args.number(7, "timeUnit");
    position = {args.size(8, "line"), args.boolean(9, "ordered"), args.number(10, "lastTime")};
  }

  CsvRows read(std::span<const std::uint8_t> text, rockpool::RunControl& control) {
    return rockpool::read_csv_rows(text, last, form, position, control);
  }
};

Napi::Value rows_result(Napi::Env env, const CsvRows& rows, const RowsArgs& args) {
  auto result = Napi::Object::New(env);
  result.Set("consumed", static_cast<double>(rows.consumed));
  result.Set("rows", static_cast<double>(rows.rows));
  result.Set("line", static_cast<double>(args.position.line));
  result.Set("lastTime", args.position.last_time);
  result.Set("times", give(env, rows.times));
  result.Set("samples", give(env, rows.samples));
  result.Set("channels", give(env, rows.channels));
  return result;
}

// csvRows(bytes, last, separator, comment, roles, missingIsNan, events, timeUnit, line, ordered, lastTime)
//   -> { consumed, rows, line, lastTime, times, samples, channels }
Napi::Value csv_rows(const Napi::CallbackInfo& info) {
  const Args args(info);
  RowsArgs given(args);
  rockpool::RunControl control;
  return rows_result(info.Env(), given.read(args.array<std::uint8_t>(0, "bytes"), control), given);
}

class CsvRowsJob final : public Job {
 public:
  explicit CsvRowsJob(const Args& args)
      : text_(args.array<std::uint8_t>(0, "bytes")), held_(Napi::Persistent(args.value(0).As<Napi::Object>())), args_(args) {}
  void execute(rockpool::RunControl& control) override { rows_ = args_.read(text_, control); }
  Napi::Value settle(Napi::Env env) override { return rows_result(env, rows_, args_); }

 private:
  // SAFETY: the facade vouches that nobody else has the array, so that it can be neither changed nor transferred.
  std::span<const std::uint8_t> text_;
  Napi::ObjectReference held_;
  RowsArgs args_;
  CsvRows rows_;
};

// csvRowsJob(..., progress) -> job
Napi::Value csv_rows_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<CsvRowsJob>(args), args.value(11));
}

Napi::Value bytes_of(Napi::Env env, const std::string& text) {
  auto result = new_array<std::uint8_t>(env, text.size());
  if (!text.empty()) std::memcpy(result.Data(), text.data(), text.size());
  return result;
}

// csvWriteRows(times, samples, columns, separator) -> Uint8Array
Napi::Value csv_write_rows(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::RunControl control;
  return bytes_of(info.Env(), rockpool::write_csv_rows(args.array<double>(0, "times"), args.array<double>(1, "samples"),
                                                       args.size(2, "columns"), character(args, 3, "separator"), control));
}

class CsvWriteRowsJob final : public Job {
 public:
  explicit CsvWriteRowsJob(const Args& args)
      : times_(args.copy<double>(0, "times")),
        samples_(args.copy<double>(1, "samples")),
        columns_(args.size(2, "columns")),
        separator_(character(args, 3, "separator")) {}
  void execute(rockpool::RunControl& control) override {
    text_ = rockpool::write_csv_rows(times_, samples_, columns_, separator_, control);
  }
  Napi::Value settle(Napi::Env env) override { return bytes_of(env, text_); }

 private:
  std::vector<double> times_, samples_;
  std::size_t columns_;
  char separator_;
  std::string text_;
};

// csvWriteRowsJob(..., progress) -> job
Napi::Value csv_write_rows_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<CsvWriteRowsJob>(args), args.value(4));
}

// csvWriteEvents(times, channels, separator) -> Uint8Array
Napi::Value csv_write_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::RunControl control;
  return bytes_of(info.Env(),
                  rockpool::write_csv_events(args.array<double>(0, "times"), args.array<std::int32_t>(1, "channels"),
                                             character(args, 2, "separator"), control));
}

class CsvWriteEventsJob final : public Job {
 public:
  explicit CsvWriteEventsJob(const Args& args)
      : times_(args.copy<double>(0, "times")),
        channels_(args.copy<std::int32_t>(1, "channels")),
        separator_(character(args, 2, "separator")) {}
  void execute(rockpool::RunControl& control) override {
    text_ = rockpool::write_csv_events(times_, channels_, separator_, control);
  }
  Napi::Value settle(Napi::Env env) override { return bytes_of(env, text_); }

 private:
  std::vector<double> times_;
  std::vector<std::int32_t> channels_;
  char separator_;
  std::string text_;
};

// csvWriteEventsJob(..., progress) -> job
Napi::Value csv_write_events_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<CsvWriteEventsJob>(args), args.value(3));
}

// sortEvents(times, channels), in place and stable
Napi::Value sort_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  rockpool::sort_events(times, args.array<std::int32_t>(1, "channels", times.size()));
  return info.Env().Undefined();
}

}  // namespace

void init_csv(Napi::Object exports) {
  define<csv_head>(exports, "csvHead");
  define<csv_rows>(exports, "csvRows");
  define<csv_rows_job>(exports, "csvRowsJob");
  define<csv_write_rows>(exports, "csvWriteRows");
  define<csv_write_rows_job>(exports, "csvWriteRowsJob");
  define<csv_write_events>(exports, "csvWriteEvents");
  define<csv_write_events_job>(exports, "csvWriteEventsJob");
  define<sort_events>(exports, "sortEvents");
}

}  // namespace glue
