// A few cities by which people find their way: name, rank, latitude, longitude (GeoNames, CC BY 4.0).
export const CITIES = [
  ["Berlin", 1, 52.52, 13.41],
  ["Hamburg", 1, 53.55, 10.0],
  ["München", 1, 48.14, 11.58],
  ["Köln", 1, 50.94, 6.96],
  ["Frankfurt", 1, 50.11, 8.68],
  ["Wien", 1, 48.21, 16.37],
  ["Zürich", 1, 47.37, 8.55],
  ["Stuttgart", 2, 48.78, 9.18],
  ["Leipzig", 2, 51.34, 12.37],
  ["Hannover", 2, 52.37, 9.73],
  ["Nürnberg", 2, 49.45, 11.08],
  ["Bremen", 2, 53.08, 8.81],
  ["Graz", 2, 47.07, 15.44],
  ["Innsbruck", 2, 47.26, 11.39],
  ["Salzburg", 2, 47.8, 13.04],
  ["Bern", 2, 46.95, 7.45],
  ["Genf", 2, 46.2, 6.15],
  ["Dresden", 3, 51.05, 13.74],
  ["Rostock", 3, 54.09, 12.14],
  ["Kiel", 3, 54.32, 10.13],
  ["Erfurt", 3, 50.98, 11.03],
  ["Kassel", 3, 51.31, 9.48],
  ["Dortmund", 3, 51.51, 7.47],
  ["Magdeburg", 3, 52.13, 11.62],
  ["Freiburg", 3, 48.0, 7.85],
  ["Augsburg", 3, 48.37, 10.9],
  ["Regensburg", 3, 49.02, 12.1],
  ["Saarbrücken", 3, 49.23, 7.0],
  ["Mannheim", 3, 49.49, 8.47],
  ["Würzburg", 3, 49.79, 9.95],
  ["Linz", 3, 48.31, 14.29],
  ["Klagenfurt", 3, 46.62, 14.31],
  ["Basel", 3, 47.56, 7.57],
  ["Chur", 3, 46.85, 9.53],
];

// What people who read English call them.
const IN_ENGLISH = { München: "Munich", Köln: "Cologne", Wien: "Vienna", Zürich: "Zurich", Hannover: "Hanover", Nürnberg: "Nuremberg", Genf: "Geneva" };

export function nameOf(city) {
  return document.documentElement.lang.startsWith("de") ? city : (IN_ENGLISH[city] ?? city);
}
