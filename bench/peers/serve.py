"""The peer's side of a benchmark: answers one JSON request per line, so that start-up is not counted.

    {"prepare": CASE, "data": {...}}     -> {"ok": true}         builds the inputs
    {"run": CASE, "repeat": N}           -> {"seconds": S}       runs it N times, seconds for one; or {"value": V}
    {"output": CASE, "path": FILE}       -> {"dtype", "shape"}   writes what the last run returned, as raw bytes

A script hands a dictionary of cases to `serve`: name -> function(data) that prepares and returns the function to be timed. That
function returns an array, or (array, value) when the figure is a value of its own and not the time.
"""

import json
import os
import sys
import time
import traceback

import numpy as np


def serve(cases):
    # Whatever the peer prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    runs, outputs = {}, {}

    def answer(request):
        if "prepare" in request:
            runs[request["prepare"]] = cases[request["prepare"]](request.get("data", {}))
            return {"ok": True}
        if "run" in request:
            name, repeat = request["run"], request.get("repeat", 1)
            outputs.pop(name, None)
            begin = time.perf_counter()
            for _ in range(repeat):
                result = runs[name]()
            seconds = (time.perf_counter() - begin) / repeat
            if isinstance(result, tuple):
                outputs[name] = result[0]
                return {"seconds": seconds, "value": float(result[1])}
            outputs[name] = result
            return {"seconds": seconds}
        if "output" in request:
            array = np.ascontiguousarray(outputs[request["output"]])
            array.tofile(request["path"])
            return {"dtype": str(array.dtype), "shape": list(array.shape)}
        raise ValueError(f"unknown request {request}")

    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def read_array(data, name):
    """An array that the benchmark wrote: data[name] is {"path", "dtype", "shape"}."""
    entry = data[name]
    return np.fromfile(entry["path"], dtype=entry["dtype"]).reshape(entry["shape"])
