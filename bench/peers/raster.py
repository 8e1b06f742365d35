from rockpool import TSEvent

from serve import read_array, serve


def case(add_events):
    def prepare(data):
        series = TSEvent(
            read_array(data, "times"),
            read_array(data, "channels"),
            num_channels=data["num_channels"],
            t_start=0.0,
            t_stop=data["t_stop"],
        )
        return lambda: series.raster(data["dt"], add_events=add_events)

    return prepare


serve({"binary": case(False), "counts": case(True)})
