# Reads ["prepare" | "time", text] a line; answers {"value": milliseconds} or {"error": text} a line.
import importlib, json, sys, time
space = {}
try:
    versions = {}
    for name in sys.argv[1:]:
        module = importlib.import_module(name)
        space[name.split(".")[0]] = importlib.import_module(name.split(".")[0])
        versions[name] = getattr(module, "__version__", getattr(space[name.split(".")[0]], "__version__", "?"))
    if "numpy" in space:
        space["np"] = space["numpy"]
    print(json.dumps({"versions": versions}), flush=True)
except Exception as error:
    print(json.dumps({"error": str(error)}), flush=True)
    sys.exit()
for line in sys.stdin:
    kind, text = json.loads(line)
    try:
        if kind == "prepare":
            exec(text, space)
            print(json.dumps({"value": "0"}), flush=True)
        else:
            code = compile(text, "timed", "exec")
            start = time.perf_counter()
            exec(code, space)
            print(json.dumps({"value": str(1000 * (time.perf_counter() - start))}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
