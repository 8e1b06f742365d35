/** Sizes, limits and colours that all plots share. */

/** Pixels of a plot. */
export const defaultSize = { width: 800, height: 400 };

/** Most pixels of a side. */
export const maxSize = 8192;

/** Traces are reduced to so many columns: those of a plot of the default width as a PNG of two pixels for each of its own. */
export const resolution = 1600;

/** Rasters of more channels than this share rows, and of more marks than this become cells with counts. */
export const maxRasterRows = 800;
export const maxMarks = 20_000;

/** Rates have at most so many bars; of more bins, up to the second, neighbours share one. */
export const maxBars = 100_000;
export const maxBins = 20_000_000;

/** Matrices of more rows or columns than this are reduced. */
export const maxCells = 1000;

/** Colours of Okabe and Ito, which people with any colour vision tell apart; the yellow, which paper swallows, is a grey here. */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000', '#8c8c8c'];
