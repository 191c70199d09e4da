import { lazy } from "solid-js";

/** The chart, loaded with uPlot when the first one is shown. */
export const PowerChart = lazy(() => import("./power-chart.tsx"));
