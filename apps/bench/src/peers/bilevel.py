# Hypergradients of logistic regression by JAXopt's implicit differentiation, in float64, on arrays from a file of doubles.
# in:  {"load": file, "arrays": [[name, shape], …]}; {"run": "logistic", "tolerance", "rounds"}
# out: {"hello": versions}; {"ms", "value", "gradient"} or {"error"}
import functools, importlib, importlib.metadata, json, math, os, sys, time, warnings

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.filterwarnings("ignore")


def say(message):
    clean = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in message.items()
    }
    answers.write(json.dumps(clean) + "\n")
    answers.flush()


versions, there = {}, {}
for name, title in [("numpy", "numpy"), ("jax", "JAX"), ("jaxopt", "JAXopt")]:
    try:
        there[name] = importlib.import_module(name)
        versions[title] = importlib.metadata.version(name)
    except Exception:
        pass
if "numpy" not in there:
    say({"error": "numpy is missing"})
    sys.exit()
np = there["numpy"]
if "jaxopt" in there:
    jax, jaxopt = there["jax"], there["jaxopt"]
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
say({"hello": versions})

data = {}


def logistic(tolerance, rounds):
    A, b, V, c, x = (jnp.asarray(data[name]) for name in ["A", "b", "V", "c", "x"])

    def lower(w, x):
        return jnp.mean(jnp.logaddexp(0.0, -b * (A @ w))) + 0.5 * jnp.sum(jnp.exp(x) * w * w)

    # Its own solver of the linear system stops at 1e-5.
    linear = functools.partial(jaxopt.linear_solve.solve_cg, tol=1e-13, maxiter=1000)
    solver = jaxopt.LBFGS(fun=lower, tol=tolerance, maxiter=2000, implicit_diff=True, implicit_diff_solve=linear)

    def upper(x):
        w = solver.run(jnp.zeros(A.shape[1]), x).params
        return jnp.mean(jnp.logaddexp(0.0, -c * (V @ w)))

    both = jax.jit(jax.value_and_grad(upper))
    both(x)[1].block_until_ready()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        value, gradient = both(x)
        gradient.block_until_ready()
        times.append(1000 * (time.perf_counter() - begin))
    return {"ms": sorted(times)[len(times) // 2], "value": float(value), "gradient": np.asarray(gradient).tolist()}


for line in sys.stdin:
    message = json.loads(line)
    try:
        if "load" in message:
            values = np.fromfile(message["load"])
            data, at = {}, 0
            for name, shape in message["arrays"]:
                size = int(np.prod(shape))
                data[name] = values[at : at + size].reshape(shape)
                at += size
            say({"loaded": len(data)})
        elif message["run"] == "logistic":
            say(logistic(message["tolerance"], message["rounds"]))
        else:
            say({"error": "unknown: " + message["run"]})
    except Exception as fault:
        say({"error": repr(fault)})
