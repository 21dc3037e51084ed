import ray


def my_values(work, inputs):
    work_on = ray.remote(work)
    return ray.get([work_on.remote(item) for item in inputs])
