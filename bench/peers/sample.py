from rockpool import TSContinuous

from serve import read_array, serve


def prepare(data):
    series = TSContinuous(read_array(data, "times"), read_array(data, "samples"), interp_kind="linear")
    points = read_array(data, "points")
    return lambda: series(points)


serve({"ordered": prepare, "shuffled": prepare})
