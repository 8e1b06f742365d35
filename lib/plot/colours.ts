/** Colours of CSS, as options name them. */
import { checkString, rangeError } from '../check.js';

const names = new Set(
  `aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood cadetblue
  chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey
  darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray
  darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia
  gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender
  lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink
  lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta
  maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise
  mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid
  palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red
  rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow
  springgreen steelblue tan teal thistle tomato transparent turquoise violet wheat white whitesmoke yellow yellowgreen`.split(
    /\s+/,
  ),
);

const part = String.raw`\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?`;
const rgb = new RegExp(`^rgba?\\((${part}%?\\s*,){2}${part}%?\\s*(,${part}%?\\s*)?\\)$`);
const hsl = new RegExp(`^hsla?\\(${part}\\s*(,${part}%\\s*){2}(,${part}%?\\s*)?\\)$`);
const hex = /^#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/;

/** A colour that every program which draws knows: a name of CSS, `#rgb` to `#rrggbbaa`, `rgb(r, g, b)` or `hsl(h, s%, l%)`, also with alpha. */
export function checkColor(value: unknown, name: string): string {
  const text = checkString(value, name).trim();
  const lower = text.toLowerCase();
  if (names.has(lower) || hex.test(lower) || rgb.test(lower) || hsl.test(lower)) return text;
  throw rangeError(name, "a CSS colour, such as 'red', '#0072b2' or 'rgb(0, 114, 178)'", value);
}
