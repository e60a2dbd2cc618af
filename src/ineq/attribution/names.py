"""The attribution methods. No torch, for the registry of stages, the tables and the figures read it."""

METHODS = {
    "integrated_gradients": "Integrated Gradients",
    "input_x_gradient": "Input×Gradient",
    "gradient_shap": "GradientSHAP",
    "smoothgrad": "SmoothGrad",
}
"""The methods of the paper: each name with the title that people read."""
METHOD = "integrated_gradients"
"""The method of the paper's main results."""
