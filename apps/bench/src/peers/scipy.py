# Runs scipy.optimize.minimize (or Ipopt by cyipopt) on problems that the other side evaluates. Lines of JSON; vectors as base64 of doubles.
# in:  {"method", "start", "lower", "upper"}; then answers to what is asked
# out: {"ask": "f" | "g" | "h" | "hp" | "r" | "J", "x", "p"}; at the end {"done", "x", "own"}: milliseconds outside of evaluations
import base64, json, sys, time, warnings
import numpy as np
import scipy, scipy.optimize, scipy.sparse

warnings.filterwarnings("ignore")
try:
    import cyipopt
except Exception:
    cyipopt = None


class Stop(Exception):
    pass


def pack(v):
    return base64.b64encode(np.ascontiguousarray(v, dtype=np.float64).tobytes()).decode()


def unpack(text):
    return np.frombuffer(base64.b64decode(text), dtype=np.float64).copy()


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


waited = 0.0


def ask(message):
    global waited
    begin = time.perf_counter()
    say(message)
    reply = json.loads(sys.stdin.readline())
    waited += time.perf_counter() - begin
    if "stop" in reply:
        raise Stop()
    return reply


last = None


def value(x):
    global last
    last = np.array(x, dtype=np.float64)
    return ask({"ask": "f", "x": pack(x)})["value"]


def gradient(x):
    return unpack(ask({"ask": "g", "x": pack(x)})["vector"])


def hessian(x):
    reply = ask({"ask": "h", "x": pack(x)})
    n = len(x)
    if "dense" in reply:
        return unpack(reply["dense"]).reshape(n, n)
    values = unpack(reply["values"])
    indices = np.frombuffer(base64.b64decode(reply["indices"]), dtype=np.int32)
    pointers = np.frombuffer(base64.b64decode(reply["pointers"]), dtype=np.int32)
    lower = scipy.sparse.csc_matrix((values, indices, pointers), shape=(n, n))
    whole = lower + lower.T - scipy.sparse.diags(lower.diagonal())
    return whole


def dense_hessian(x):
    h = hessian(x)
    return np.asarray(h.todense()) if scipy.sparse.issparse(h) else h


def product(x, p):
    return unpack(ask({"ask": "hp", "x": pack(x), "p": pack(p)})["vector"])


def residual(x):
    global last
    last = np.array(x, dtype=np.float64)
    return unpack(ask({"ask": "r", "x": pack(x)})["vector"])


def jacobian(x):
    reply = ask({"ask": "J", "x": pack(x)})
    return unpack(reply["dense"]).reshape(reply["rows"], len(x))


def run(job):
    method = job["method"]
    x0 = unpack(job["start"])
    bounds = None
    if "lower" in job:
        bounds = scipy.optimize.Bounds(unpack(job["lower"]), unpack(job["upper"]))
    many = 10**9
    keywords = {}
    if method == "trust-exact":
        keywords = dict(hess=dense_hessian, options=dict(gtol=1e-300, maxiter=many))
    elif method == "trust-krylov":
        keywords = dict(hessp=product, options=dict(gtol=1e-300, maxiter=many))
    elif method == "Newton-CG":
        keywords = dict(hessp=product, options=dict(xtol=0.0, maxiter=many))
    elif method == "L-BFGS-B":
        keywords = dict(options=dict(gtol=0.0, ftol=0.0, maxiter=many, maxfun=many))
    elif method == "trust-constr":
        keywords = dict(hess=hessian, options=dict(gtol=1e-300, xtol=1e-300, maxiter=many))
    elif method == "TNC":
        keywords = dict(options=dict(gtol=1e-300, ftol=0.0, xtol=0.0, maxfun=many))
    elif method == "SLSQP":
        keywords = dict(options=dict(ftol=0.0, maxiter=many))
    elif method == "least_squares":
        return scipy.optimize.least_squares(residual, x0, jac=jacobian, ftol=None, xtol=None, gtol=3e-16, max_nfev=many).x
    if method == "ipopt":
        sides = None if bounds is None else list(zip(bounds.lb, bounds.ub))
        quiet = dict(print_level=0, sb="yes", max_iter=10**6)
        return cyipopt.minimize_ipopt(
            value, x0, jac=gradient, hess=dense_hessian, bounds=sides, tol=1e-12, options=quiet
        ).x
    if bounds is not None:
        keywords["bounds"] = bounds
    return scipy.optimize.minimize(value, x0, method=method, jac=gradient, **keywords).x


say({"hello": {"scipy": scipy.__version__, **({"cyipopt": cyipopt.__version__} if cyipopt else {})}})
for line in sys.stdin:
    job = json.loads(line)
    waited = 0.0
    last = unpack(job["start"])
    begin = time.perf_counter()
    try:
        x = run(job)
        done = "own"
    except Stop:
        x, done = last, "stopped"
    except Exception as error:
        x, done = last, f"{type(error).__name__}: {error}"
    say({"done": done, "x": pack(x), "own": 1000 * (time.perf_counter() - begin - waited)})
