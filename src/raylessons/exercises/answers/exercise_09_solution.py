import ray


def my_choice(work, sizes, crossing):
    task = ray.remote(work)
    refs = {size: task.remote(size) for size in sizes if size >= crossing}
    here = {size: work(size) for size in sizes if size < crossing}
    return [here[size] if size in here else ray.get(refs[size]) for size in sizes]
