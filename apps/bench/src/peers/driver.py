# Times expressions. in: {"prepare": text} or {"time": text} a line; out: {"value": milliseconds} or {"error": text} a line.
import importlib, json, sys, time


def say(message):
    print(json.dumps(message), flush=True)


space = {}
try:
    versions = {}
    for name in sys.argv[1:]:
        module = importlib.import_module(name)
        space[name.split(".")[0]] = importlib.import_module(name.split(".")[0])
        versions[name] = getattr(module, "__version__", getattr(space[name.split(".")[0]], "__version__", "?"))
    if "numpy" in space:
        space["np"] = space["numpy"]
    say({"hello": versions})
except Exception as error:
    say({"error": str(error)})
    sys.exit()
for line in sys.stdin:
    message = json.loads(line)
    try:
        if "prepare" in message:
            exec(message["prepare"], space)
            say({"value": 0})
        else:
            code = compile(message["time"], "timed", "exec")
            start = time.perf_counter()
            exec(code, space)
            say({"value": 1000 * (time.perf_counter() - start)})
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
