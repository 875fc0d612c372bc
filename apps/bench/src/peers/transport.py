# Optimal transport by POT, RegOT and SciPy, on inputs from a file of doubles.
# in:  {"load": file, "arrays": [[name, shape], …]}; {"run": solver, "regularization", "tolerance", "iterations", "seconds"}
# out: {"hello": versions}; {"ms", "processor", "iterations", "marginalError" (of an assignment: rows without a column of their own), "cost", "note"} or {"error"}: times are taken here, around the call alone
import importlib, json, math, os, sys, time, warnings

answers = os.fdopen(os.dup(1), "w")
# What libraries print goes elsewhere.
os.dup2(2, 1)
warnings.filterwarnings("ignore")


def say(message):
    clean = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in message.items()
    }
    answers.write(json.dumps(clean) + "\n")
    answers.flush()


versions, there = {}, {}
for name, title in [("numpy", "numpy"), ("scipy", "SciPy"), ("ot", "POT"), ("regot", "RegOT")]:
    try:
        there[name] = importlib.import_module(name)
        versions[title] = getattr(there[name], "__version__", None)
        if versions[title] is None:
            from importlib.metadata import version

            versions[title] = version(name)
    except Exception:
        pass
if "numpy" not in there:
    say({"error": "numpy is missing"})
    sys.exit()
np = there["numpy"]
if "scipy" in there:
    import scipy.optimize
ot, regot = there.get("ot"), there.get("regot")
say({"hello": versions})

C = F = a = b = None


def marginal_error(P):
    return float(np.abs(P.sum(axis=1) - a).sum() + np.abs(P.sum(axis=0) - b).sum()) / float(a.sum())


processor = 0.0


def timed(call):
    """Milliseconds and result; the processor time of the last one is kept."""
    global processor
    used, start = time.process_time(), time.perf_counter()
    result = call()
    ms = 1000 * (time.perf_counter() - start)
    processor = 1000 * (time.process_time() - used)
    return ms, result


def by_regot(solver, job):
    """
    The run with the loosest tolerance of its own whose plan has the marginal error that is wanted: its own measure is another. Steps that would take longer than allowed are cut, and where its own
    tolerance can't be met it would go on for ever: further runs have twice the steps of the first.
    """
    call = lambda own, most: getattr(regot, solver)(F, a, b, job["regularization"], tol=own, max_iter=most)
    probe, _ = timed(lambda: call(1e-300, 5))
    most = max(5, min(job["iterations"], int(5 * 1000 * job["seconds"] / max(probe, 1e-3))))
    own, ms, result, note = job["tolerance"], math.nan, None, ""
    begin = time.perf_counter()
    for _ in range(6):
        try:
            ms, result = timed(lambda: call(own, most))
        except RuntimeError as error:
            # Its line search gives up where f is all rounding: what it had with a looser tolerance is what it reaches.
            if result is None:
                raise
            note = str(error)
            break
        if marginal_error(result.plan) <= job["tolerance"]:
            return ms, result.plan, int(result.niter), ""
        note = f"cut at {most} steps" if result.niter >= most else ""
        if result.niter >= most or time.perf_counter() - begin > job["seconds"]:
            break
        own /= 4
        most = min(most, 2 * int(result.niter) + 10)
    return ms, result.plan, int(result.niter), note


def by_pot(solver, job):
    """POT looks at its marginal error every tenth sweep. Where the sweeps would take longer than allowed they are fewer."""
    call = lambda most: ot.sinkhorn(
        a, b, C, job["regularization"], method=solver, numItermax=most, stopThr=job["tolerance"], log=True, warn=False
    )
    probe, _ = timed(lambda: call(10))
    most = max(10, min(job["iterations"], int(10 * 1000 * job["seconds"] / max(probe, 1e-3))))
    ms, (P, log) = timed(lambda: call(most))
    # Counted from 0, looked at every tenth.
    sweeps = int(log.get("niter", most - 1)) + 1
    return ms, P, sweeps, f"cut at {sweeps} sweeps" if sweeps >= most else ""


def run(job):
    solver = job["run"]
    kind, _, name = solver.partition(".")
    if kind == "regot":
        ms, P, iterations, note = by_regot(name, job)
    elif kind == "pot" and name == "emd":
        ms, (P, log) = timed(lambda: ot.emd(a, b, C, numItermax=10**9, log=True))
        iterations, note = 0, log["warning"] or ""
    elif kind == "pot":
        ms, P, iterations, note = by_pot(name, job)
    else:
        ms, (rows, cols) = timed(lambda: there["scipy"].optimize.linear_sum_assignment(C))
        left = 1 - len(set(cols.tolist())) / len(rows)
        return {"ms": ms, "iterations": 0, "marginalError": left, "cost": float(C[rows, cols].sum()), "note": ""}
    cost = float((P * C).sum())
    return {"ms": ms, "iterations": iterations, "marginalError": marginal_error(P), "cost": cost, "note": note}


for line in sys.stdin:
    job = json.loads(line)
    try:
        if "load" in job:
            flat, at, arrays = np.fromfile(job["load"], dtype=np.float64), 0, []
            for _, shape in job["arrays"]:
                size = int(np.prod(shape))
                arrays.append(flat[at : at + size].reshape(shape).copy())
                at += size
            C, a, b = arrays
            F = np.asfortranarray(C)
            say({"loaded": True})
        else:
            say({**run(job), "processor": processor})
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
