// The print button of the printed case.

document.getElementById("print").addEventListener("click", () => print());
