"""Writes expected.json beside each data.csv: the figures of statsmodels and scikit-learn the engine is held to.

Run with statsmodels 0.15.0 and scikit-learn installed: python make_expected.py
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from scipy import stats
from scipy.interpolate import LSQUnivariateSpline
from sklearn.linear_model import ElasticNet, Ridge
from statsmodels.stats import diagnostic, outliers_influence, stattools

TIGHT = {"maxiter": 2000, "tol": 1e-14}


def coefficients(result):
    interval = np.asarray(result.conf_int())
    return {
        "value": list(result.params),
        "std_error": list(result.bse),
        "t": list(result.tvalues),
        "p": list(result.pvalues),
        "low": list(interval[:, 0]),
        "high": list(interval[:, 1]),
    }


def quality(result):
    return coefficients(result) | {
        "r2": result.rsquared,
        "adjusted_r2": result.rsquared_adj,
        "residual_std_error": float(np.sqrt(result.scale)),
        "f_statistic": float(result.fvalue),
        "f_p": float(result.f_pvalue),
        "log_likelihood": result.llf,
        "aic": result.aic,
        "bic": result.bic,
    }


def diagnostics(result, x):
    influence = result.get_influence()
    design = result.model.exog
    bp = diagnostic.het_breuschpagan(result.resid, design)
    white = diagnostic.het_white(result.resid, design)
    jb = stattools.jarque_bera(result.resid)
    # linear_reset loses nine digits to the raw powers; the same test on scaled powers keeps them.
    scaled = result.fittedvalues / abs(result.fittedvalues).max()
    wider = sm.OLS(result.model.endog, np.column_stack([design, scaled**2, scaled**3])).fit(method="qr")
    reset = wider.compare_f_test(result)
    return {
        "leverage": list(influence.hat_matrix_diag),
        "standardized": list(influence.resid_studentized_internal),
        "studentized": list(influence.resid_studentized_external),
        "cook": list(influence.cooks_distance[0]),
        "dffits": list(influence.dffits[0]),
        "vif": [outliers_influence.variance_inflation_factor(design, k + 1) for k in range(x.shape[1])],
        "breusch_pagan": [bp[0], bp[1]],
        "white": [white[0], white[1]],
        "durbin_watson": stattools.durbin_watson(result.resid),
        "jarque_bera": [jb[0], jb[1]],
        "reset": [float(reset[0]), float(reset[1])],
    }


def clustered(result, rows):
    groups = np.arange(rows) % 7
    changed = result.get_robustcov_results("cluster", groups=groups, use_correction=True, use_t=True)
    return coefficients(changed) | {"f_statistic": float(changed.fvalue), "f_p": float(changed.f_pvalue)}


def without_first(result, x, y):
    smaller = sm.OLS(y, sm.add_constant(x[:, 1:], has_constant="add") if x.shape[1] > 1 else np.ones(len(y))).fit(method="qr")
    f, lr = result.compare_f_test(smaller), result.compare_lr_test(smaller)
    return {
        "f": list(map(float, f)),
        "likelihood_ratio": list(map(float, lr)),
        "aic_gain": smaller.aic - result.aic,
        "bic_gain": smaller.bic - result.bic,
    }


def orthogonal(x, y):
    # QR of the centred Vandermonde matrix: the same directions as the orthogonal polynomials, in the same order.
    z = (x[:, 0] - x[:, 0].mean()) / x[:, 0].std()
    q, _ = np.linalg.qr(np.vander(z, 4, increasing=True))
    result = sm.OLS(y, q).fit(method="qr")
    return {"size_of_t": list(map(float, np.abs(result.tvalues))), "p": list(map(float, result.pvalues))}


def bands(result, x):
    frame = result.get_prediction(sm.add_constant(x[:5], has_constant="add")).summary_frame()
    names = ["mean", "mean_ci_lower", "mean_ci_upper", "obs_ci_lower", "obs_ci_upper"]
    return {name: list(frame[name]) for name in names}


def penalised(x, y):
    centre, spread = x.mean(0), x.std(0)
    z = (x - centre) / spread
    n = len(y)
    all_ = {}
    for name, penalty, mix in [("ridge", 0.5, 0.0), ("lasso", 0.3 * y.std(), 1.0), ("elastic_net", 0.3 * y.std(), 0.5)]:
        if mix == 0.0:
            model = Ridge(alpha=penalty * n, solver="svd").fit(z, y)
        else:
            model = ElasticNet(alpha=penalty, l1_ratio=mix, tol=1e-15, max_iter=1_000_000).fit(z, y)
        slopes = model.coef_ / spread
        values = [float(model.intercept_ - slopes @ centre), *map(float, slopes)]
        all_[name] = {"penalty": penalty, "mix": mix, "value": values}
    return all_


def robust(x, y):
    design = sm.add_constant(x)
    norms = {"huber": sm.robust.norms.HuberT(), "bisquare": sm.robust.norms.TukeyBiweight()}
    all_ = {}
    for name, norm in norms.items():
        result = sm.RLM(y, design, M=norm).fit(conv="coefs", **TIGHT)
        all_[name] = {"value": list(result.params), "std_error": list(result.bse), "scale": result.scale}
        all_[name]["weights"] = list(result.weights)
    return all_


def splines(rows):
    x, y = rows[:, 0], rows[:, 1]
    knots = [850.0, 900.0, 950.0]
    spline = LSQUnivariateSpline(x, y, knots, k=3)
    places = list(np.linspace(x[0], x[-1], 25))
    return {"knots": knots, "places": places, "values": list(map(float, spline(places))), "squares": float(spline.get_residual())}


def main():
    for folder in sorted(pathlib.Path(__file__).parent.iterdir()):
        source = folder / "data.csv"
        if not source.exists():
            continue
        rows = np.genfromtxt(source, delimiter=",", skip_header=1)
        if folder.name == "titanium":
            (folder / "expected.json").write_text(json.dumps(splines(rows), indent=1) + "\n")
            continue
        x, y = rows[:, :-1], rows[:, -1]
        design = sm.add_constant(x)
        result = sm.OLS(y, design).fit(method="qr")
        weights = 1.0 + np.arange(len(y)) % 3
        expected = {
            "ols": quality(result),
            "weighted": quality(sm.WLS(y, design, weights=weights).fit(method="qr")),
            "through_origin": quality(sm.OLS(y, x).fit(method="qr")),
            "diagnostics": diagnostics(result, x),
            "bands": bands(result, x),
            "penalised": penalised(x, y),
            "robust": robust(x, y),
            "clustered": clustered(result, len(y)),
            "without_first": without_first(result, x, y),
            "orthogonal": orthogonal(x, y),
        }
        line = stats.theilslopes(y, x[:, 0], alpha=0.95, method="joint")
        expected["theil_sen"] = [line.intercept, line.slope, line.low_slope, line.high_slope]
        for kind in ["HC0", "HC1", "HC2", "HC3"]:
            changed = result.get_robustcov_results(kind, use_t=True)
            part = coefficients(changed) | {"f_statistic": float(changed.fvalue), "f_p": float(changed.f_pvalue)}
            expected[kind.lower()] = part
        text = json.dumps(expected, indent=1, default=float)
        (folder / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
